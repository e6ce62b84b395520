using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using StatefulDeploy.Contracts;
using StatefulDeploy.Load;
using StatefulDeploy.Load.Redis;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cli.Demo.Engines;

/// <summary>Redis 7.0 to 8.0, where both are installed.</summary>
internal sealed partial class RedisDemo : IDemoEngine
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(20);

    public string Name => "redis";

    public string From => "7.0";

    public string To => "8.0";

    public bool CanReuseVolumes => true;

    public async Task<IReadOnlyDictionary<string, string>> FindSoftwareAsync(IHost host, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var version in new[] { From, To })
            found[version] = await FindAsync(version, host, cancellationToken);
        return found;
    }

    public async Task StartBlueAsync(EngineContext context, DemoPlace place, CancellationToken cancellationToken)
    {
        foreach (var node in context.Source.Nodes)
            await StartAsync(node, context, cancellationToken);
    }

    private static async Task StartAsync(Node node, EngineContext context, CancellationToken cancellationToken)
    {
        var host = context.Hosts[node.Host];
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await host.CreateFolderAsync(node.DataDirectory!, Private | UnixFileMode.UserExecute, cancellationToken);
        await host.CreateFolderAsync(Path.GetDirectoryName(node.ConfigFile!)!, Private | UnixFileMode.UserExecute, cancellationToken);
        await host.WriteFileAsync(node.ConfigFile!, Configuration(node, context.Source.Writer), Private, cancellationToken);
        await host.StartDetachedAsync(new HostCommand(context.Service.Software[context.Source.Version].Server!, node.ConfigFile!), Path.Combine(node.DataDirectory!, "server.log"), cancellationToken);
        for (var began = Environment.TickCount64; await host.IsPortFreeAsync(node.Endpoint.Host, node.Endpoint.Port, cancellationToken); await Task.Delay(50, cancellationToken))
        {
            if (Environment.TickCount64 - began > StartDeadline.TotalMilliseconds)
                throw new UpgradeException("NodeDidNotStart", $"{node} did not answer within {StartDeadline.TotalSeconds:0} s of its start.", $"Read '{Path.Combine(node.DataDirectory!, "server.log")}'.");
        }
    }

    public Task FillAsync(NodeEndpoint endpoint, int keys, CancellationToken cancellationToken) => RespFill.FillAsync(endpoint, keys, cancellationToken);

    public ILedgerEndpoint Ledger(NodeEndpoint endpoint) => new RedisLedgerEndpoint(new RedisLedgerOptions { Servers = [new IPEndPoint(IPAddress.Parse(endpoint.Host), endpoint.Port)] });

    private static string Configuration(Node node, Node writer) => string.Create(CultureInfo.InvariantCulture, $"""
        bind {node.Endpoint.Host}
        port {node.Endpoint.Port}
        protected-mode no
        {(node == writer ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"replicaof {writer.Endpoint.Host} {writer.Endpoint.Port}"))}
        dir {node.DataDirectory}
        save ""
        appendonly yes
        repl-diskless-sync-delay 0
        repl-backlog-size 64mb

        """);

    private static async Task<string> FindAsync(string version, IHost host, CancellationToken cancellationToken)
    {
        var cache = Environment.GetEnvironmentVariable("STATEFULDEPLOY_CACHE") is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "statefuldeploy");
        var cached = Path.Combine(cache, "servers", $"redis-{version}", "redis-server");
        foreach (var program in new[] { cached, "redis-server" })
        {
            if (await VersionAsync(program, host, cancellationToken) is { } found && (found == version || found.StartsWith(version + ".", StringComparison.Ordinal)))
                return program;
        }

        throw new UpgradeException(
            "SoftwareMissing",
            $"Redis {version} is not installed: neither '{cached}' nor a redis-server on the PATH is of that version.",
            "Install it there ('bash tests/servers/install.sh' does on Debian), or run the demo of Garnet, which needs the .NET SDK alone.",
            FailureCategory.NotFound) { Target = version };
    }

    private static async Task<string?> VersionAsync(string program, IHost host, CancellationToken cancellationToken)
    {
        try
        {
            var said = await host.RunAsync(new HostCommand(program, "--version"), cancellationToken);
            return VersionPattern().Match(said.Output) is { Success: true } match ? match.Groups["version"].Value : null;
        }
        catch (UpgradeException exception) when (exception.Category is FailureCategory.NotFound or FailureCategory.OperationFailed)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\bv=(?<version>[0-9.]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VersionPattern();
}
