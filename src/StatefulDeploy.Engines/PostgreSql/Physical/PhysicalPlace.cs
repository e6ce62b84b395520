using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql.Physical;

/// <summary>The folder beside green's data directory in which a physical copy is made, and the programs that run there as the owner of the data.</summary>
internal sealed class PhysicalPlace
{
    private const string BaseName = "base";
    private const string MadeName = "made";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan StopsWithin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Gentle = TimeSpan.FromSeconds(10);

    // The exit code of what outlives us is kept where we find it, whoever waits for it by then.
    private const string KeepExitCode = "\"$@\"; echo $? > exit.new && mv exit.new exit";

    private readonly EngineContext _context;

    private PhysicalPlace(EngineContext context, PostgresProgram program, PostgresSoftware old, PostgresSoftware young)
    {
        _context = context;
        Program = program;
        Old = old;
        New = young;
        Node = context.Target.Writer;
        Host = context.Hosts[Node.Host];
    }

    /// <summary>Green's node.</summary>
    public Node Node { get; }

    /// <summary>Its host.</summary>
    public IHost Host { get; }

    /// <summary>Runs programs there as the owner of the data.</summary>
    public PostgresProgram Program { get; }

    /// <summary>Blue's version on green's host.</summary>
    public PostgresSoftware Old { get; }

    /// <summary>Green's version.</summary>
    public PostgresSoftware New { get; }

    /// <summary>The folder; all that is in it can be made again.</summary>
    public string Folder => FolderOf(Node);

    /// <summary>The base backup.</summary>
    public string Base => Path.Combine(Folder, BaseName);

    /// <summary>Where the newer version's data directory is made.</summary>
    public string Made => Path.Combine(Folder, MadeName);

    /// <summary>Finds the programs of both versions.</summary>
    /// <exception cref="UpgradeException">They are not on green's host.</exception>
    public static async Task<PhysicalPlace> OpenAsync(EngineContext context, string blueData, CancellationToken cancellationToken)
    {
        Node green = context.Target.Writer;
        IHost host = context.Hosts[green.Host];
        return new PhysicalPlace(
            context,
            await PostgresProgram.LikeOwnerOfAsync(blueData, context.Source.Writer, green, context.Hosts, cancellationToken),
            await PostgresSoftware.FindAsync(context.Service, context.Source.Version, host, cancellationToken),
            await PostgresSoftware.FindAsync(context.Service, green.Version, host, cancellationToken));
    }

    /// <summary>Ends what runs in a node's folder, and removes it and the record.</summary>
    public static async Task RemoveAsync(EngineContext context, CancellationToken cancellationToken)
    {
        Node node = context.Target.Writer;
        if (node.DataDirectory is null || await PhysicalRecord.FindAsync(context, cancellationToken) is not { } record)
        {
            return;
        }

        IHost host = context.Hosts[node.Host];
        await EndAllAsync(node, host, context.Clock, cancellationToken);
        await host.RunAsync(new HostCommand("rm", ["-rf", "--", FolderOf(node), .. record.Sockets is { } sockets ? [sockets] : Array.Empty<string>()]) { Timeout = TimeSpan.FromMinutes(30) }, cancellationToken);
        await host.RunAsync(new HostCommand("rm", "-f", PhysicalRecord.FileOf(node)), cancellationToken);
    }

    /// <summary>Ends all programs that run in the folder, whoever has started them.</summary>
    public Task EndAllAsync(CancellationToken cancellationToken) => EndAllAsync(Node, Host, _context.Clock, cancellationToken);

    /// <summary>Makes the folder anew, empty.</summary>
    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        await EndAllAsync(cancellationToken);
        await RunAsRootAsync(new HostCommand("rm", "-rf", "--", Folder), cancellationToken);
        string[] owner = Program.Owner?.Split(':') is [var user, var group] ? ["-o", user, "-g", group] : [];
        await RunAsRootAsync(new HostCommand("install", ["-d", "-m", "0700", .. owner, Folder]), cancellationToken);
    }

    /// <summary>Whether something is there.</summary>
    public async Task<bool> ExistsAsync(string path, CancellationToken cancellationToken) => (await Host.RunAsync(new HostCommand("test", "-e", path), cancellationToken)).ExitCode == 0;

    /// <summary>Writes a file that the owner of the data reads.</summary>
    public async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        await Program.RunAsync(new HostCommand("touch", path) { WorkingFolder = "/" }, cancellationToken);
        await Host.WriteFileAsync(path, text, UnixFileMode.UserRead | UnixFileMode.UserWrite, cancellationToken);
    }

    /// <summary>Runs a short program as the owner of the data, in the folder.</summary>
    public Task<string> RunAsync(HostCommand command, CancellationToken cancellationToken) => Program.RunAsync(command with { WorkingFolder = Folder }, cancellationToken);

    /// <summary>Runs a short program as who we are.</summary>
    public Task<string> RunAsRootAsync(HostCommand command, CancellationToken cancellationToken) => new PostgresProgram(Host, null).RunAsync(command, cancellationToken);

    /// <summary>Starts a long program that outlives us.</summary>
    public async Task<ProcessIdentity> StartAsync(string name, HostCommand command, bool keepExitCode, CancellationToken cancellationToken)
    {
        await RunAsRootAsync(new HostCommand("rm", "-f", Path.Combine(Folder, "exit")), cancellationToken);
        HostCommand wrapped = keepExitCode ? command with { Program = "sh", Arguments = ["-c", KeepExitCode, "sh", command.Program, .. command.Arguments] } : command;
        return await Host.StartDetachedAsync(Program.Wrap(wrapped with { WorkingFolder = Folder }), LogOf(name), cancellationToken);
    }

    /// <summary>The exit code of the program that was started last; null when it was killed, or has not ended.</summary>
    public async Task<string?> ExitCodeAsync(CancellationToken cancellationToken) => (await Host.ReadFileAsync(Path.Combine(Folder, "exit"), cancellationToken))?.Trim();

    /// <summary>Waits for a program that keeps its exit code.</summary>
    /// <exception cref="UpgradeException">It failed or was killed; the message has what it said.</exception>
    public async Task WaitAsync(string name, ProcessIdentity process, Func<Task> look, string errorId, CancellationToken cancellationToken)
    {
        for (; ; await Task.Delay(Look, _context.Clock, cancellationToken))
        {
            bool runs = await Host.IsRunningAsync(process, cancellationToken);
            if (await ExitCodeAsync(cancellationToken) is { } code)
            {
                if (code != "0")
                {
                    throw Failed(name, $"ended with {code}", await SaidAsync(name, cancellationToken), errorId);
                }

                return;
            }

            if (!runs)
            {
                throw Failed(name, "was killed", await SaidAsync(name, cancellationToken), errorId);
            }

            await look();
        }
    }

    /// <summary>What a program said last.</summary>
    public async Task<string> SaidAsync(string name, CancellationToken cancellationToken) => PostgresProgram.LastLines(await Host.ReadFileAsync(LogOf(name), cancellationToken) ?? string.Empty);

    /// <summary>What a data directory's control file says of a thing.</summary>
    public async Task<string> ControlAsync(PostgresSoftware software, string folder, string field, CancellationToken cancellationToken)
    {
        string said = await RunAsync(new HostCommand(software["pg_controldata"], "-D", folder) { Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["LC_ALL"] = "C" } }, cancellationToken);
        return said.Split('\n').FirstOrDefault(line => line.StartsWith(field + ":", StringComparison.Ordinal))?[(field.Length + 1)..].Trim() ?? string.Empty;
    }

    /// <summary>The error of a program.</summary>
    public UpgradeException Failed(string name, string how, string said, string errorId) =>
        new(errorId, $"{name} on host '{Host.Name}' {how}: {said}", $"Mend what it names (its output is {LogOf(name)}), then start replication again; or choose another way: settings: {{ initialCopy: logical }}.") { Target = name };

    /// <summary>Shuts a server down in an orderly way, and waits for it; does nothing when none runs there.</summary>
    /// <exception cref="UpgradeException">It does not end.</exception>
    public async Task StopServerAsync(string data, CancellationToken cancellationToken)
    {
        Node at = Node with { DataDirectory = data };
        for (long start = _context.Clock.GetTimestamp(); await PostgresGreenRecord.FindServerAsync(at, Host, cancellationToken) is { } server; await Task.Delay(Look, _context.Clock, cancellationToken))
        {
            if (_context.Clock.GetElapsedTime(start) > StopsWithin)
            {
                throw new UpgradeException("NodeDidNotStop", $"The server in {data} on host '{Host.Name}' still runs {StopsWithin.TotalSeconds:0} s after it was told to stop.", "Read its log, then start replication again.", FailureCategory.Timeout) { Target = data };
            }

            await Host.RunAsync(new HostCommand("kill", "-INT", server), cancellationToken);
        }
    }

    private static string FolderOf(Node node) => node.DataDirectory!.TrimEnd('/') + ".physical";

    private string LogOf(string name) => Path.Combine(Folder, name + ".log");

    // A program is known by the folder that it works in: that holds also where we were killed before we could write down its number. Servers are told
    // to end, and end their children; the rest is ended.
    private static async Task EndAllAsync(Node node, IHost host, TimeProvider clock, CancellationToken cancellationToken)
    {
        string folder = FolderOf(node);
        for (long start = clock.GetTimestamp(); await FindAsync(folder, host, cancellationToken) is { Count: > 0 } ours; await Task.Delay(Look, clock, cancellationToken))
        {
            List<string> servers = clock.GetElapsedTime(start) < Gentle ? await ServersAsync(node, host, cancellationToken) : [];
            HashSet<string> spared = [.. servers];
            foreach (string server in servers)
            {
                await host.RunAsync(new HostCommand("kill", "-INT", server), cancellationToken);
                spared.UnionWith((await host.ReadFileAsync($"/proc/{server}/task/{server}/children", cancellationToken) ?? string.Empty).Split(' ', StringSplitOptions.RemoveEmptyEntries));
            }

            if (ours.Except(spared, StringComparer.Ordinal).ToArray() is { Length: > 0 } rest)
            {
                await host.RunAsync(new HostCommand("kill", ["-KILL", .. rest]), cancellationToken);
            }
        }
    }

    private static async Task<List<string>> FindAsync(string folder, IHost host, CancellationToken cancellationToken)
    {
        // Those that end while it looks make it fail; what it has seen it has told.
        CommandResult all = await host.RunAsync(new HostCommand("find", "/proc", "-mindepth", "2", "-maxdepth", "2", "-name", "cwd", "-printf", "%h %l\n") { WorkingFolder = "/" }, cancellationToken);
        return
        [
            .. all.Output.Split('\n').Select(line => line.Split(' ', 2)).Where(part => part.Length == 2 && (part[1] == folder || part[1].StartsWith(folder + "/", StringComparison.Ordinal))).Select(part => Path.GetFileName(part[0])),
        ];
    }

    private static async Task<List<string>> ServersAsync(Node node, IHost host, CancellationToken cancellationToken)
    {
        List<string> servers = [];
        foreach (string data in new[] { BaseName, MadeName })
        {
            if (await PostgresGreenRecord.FindServerAsync(node with { DataDirectory = Path.Combine(FolderOf(node), data) }, host, cancellationToken) is { } server)
            {
                servers.Add(server);
            }
        }

        return servers;
    }
}
