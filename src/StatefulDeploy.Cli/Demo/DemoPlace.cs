using System.Security.Cryptography;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Cli.Demo;

/// <summary>The folder of a demo, and every process that is started for it: they carry a mark in their environment by which they are found again.</summary>
internal sealed class DemoPlace : IDisposable
{
    private const string Mark = "STATEFULDEPLOY_DEMO";
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    // Below the range that the system takes for outgoing connections: the load's own could take a port before its server does.
    private const int FirstPort = 20_000;
    private const int EndOfPorts = 32_000;
    private const string Address = "127.0.0.1";

    private readonly HashSet<int> _given = [];
    private readonly List<IAsyncDisposable> _own = [];
    private readonly string _mark = Guid.NewGuid().ToString("N");

    public DemoPlace()
    {
        Folder = Directory.CreateTempSubdirectory("statefuldeploy-demo-").FullName;
        // Inherited by what we start, and by what that starts.
        Environment.SetEnvironmentVariable(Mark, _mark);
    }

    public string Folder { get; }

    /// <summary>The service file.</summary>
    public string ServiceFile => Path.Combine(Folder, "orders.yaml");

    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>An endpoint of this machine on which nothing listens, another one each time.</summary>
    public async Task<NodeEndpoint> FreeEndpointAsync(IHost host, CancellationToken cancellationToken)
    {
        int port;
        do
            port = RandomNumberGenerator.GetInt32(FirstPort, EndOfPorts);
        while (!await host.IsPortFreeAsync(Address, port, cancellationToken) || !_given.Add(port));
        return new NodeEndpoint(Address, port);
    }

    /// <summary>Takes what is to be ended after the demo's processes and before its folder.</summary>
    public void Own(IAsyncDisposable owned) => _own.Add(owned);

    /// <summary>Ends every process of this demo, each by its id, then what it owns, and removes the folder.</summary>
    public async Task RemoveAsync()
    {
        foreach (var process in Processes())
            RunningProcess.Signal(process, System.Runtime.InteropServices.PosixSignal.SIGTERM);
        foreach (var process in Processes())
        {
            if (!await RunningProcess.WaitGoneAsync(process, Grace, CancellationToken.None))
                await RunningProcess.KillAsync(process, Grace, CancellationToken.None);
        }

        foreach (var owned in Enumerable.Reverse(_own))
            await owned.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>What still runs of this demo.</summary>
    public IReadOnlyList<ProcessIdentity> Processes() =>
        [.. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? id : 0)
            .Where(id => id > 0 && id != Environment.ProcessId && HasMark(id))
            .Select(RunningProcess.Find).OfType<ProcessIdentity>()];

    public void Dispose() => Environment.SetEnvironmentVariable(Mark, null);

    private bool WorksHere(int id) => new FileInfo($"/proc/{id}/cwd").LinkTarget?.StartsWith($"{Folder}/", StringComparison.Ordinal) == true;

    private bool HasMark(int id)
    {
        try
        {
            var environment = File.ReadAllText($"/proc/{id}/environ");
            return environment.Contains('=', StringComparison.Ordinal)
                ? environment.Split('\0').Contains($"{Mark}={_mark}", StringComparer.Ordinal)
                : WorksHere(id); // Redis writes its title over its environment.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // It has ended, or is somebody else's.
        }
    }
}
