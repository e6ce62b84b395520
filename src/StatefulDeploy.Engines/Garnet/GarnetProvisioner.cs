using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>Makes and removes green nodes: a folder with the ACL file (closed before the first start), the configuration, the data and the log.</summary>
internal sealed class GarnetProvisioner : INodeProvisioner
{
    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode PrivateFolder = PrivateFile | UnixFileMode.UserExecute;
    private const string Mark = "statefuldeploy-node";
    private const string Aside = "before-the-switch";
    private static readonly string[] DataFolders = ["Store", "AOF", "cluster"];
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <inheritdoc/>
    public async Task ProvisionAsync(EngineContext context, CancellationToken cancellationToken)
    {
        await using GarnetWindow window = new(context);
        RespConnection source = await window.ToAsync(window.Source, cancellationToken);
        GarnetCommands commands = await GarnetCommands.AskAsync(source, cancellationToken);
        IReadOnlyList<GarnetUser> users = await GarnetAclCarrier.OriginalsAsync(context, window, cancellationToken);
        GarnetAccess access = window.Access;
        foreach (Node node in context.Target.Nodes)
        {
            GarnetAclFile open = new(GarnetAclFile.Locate(node)!, null, string.Concat(users.Select(user => user.Line + "\n")));
            string closed = open.Closed(users, commands, access.Control, access.Link(ClusterColour.Blue), access.Link(ClusterColour.Green));
            await MakeAsync(context, node, closed, access, null, cancellationToken);
        }

        foreach (Node node in context.Target.Nodes)
        {
            await AwaitAsync(context, node, window, cancellationToken);
        }
    }

    /// <summary>Brings up source itself, empty and open to everybody who reaches it: for the demo and for tests.</summary>
    public static async Task BringUpSourceAsync(EngineContext context, CancellationToken cancellationToken)
    {
        await using GarnetWindow window = new(context);
        GarnetAccess access = window.Access;
        string users = string.Concat(new[] { new GarnetUser("default", ["on", "nopass", "+@all"]), access.Control, access.Link(context.Source.Colour) }.Select(user => user.Line + "\n"));
        foreach (Node node in context.Source.Nodes)
        {
            await MakeAsync(context, node, users, access, null, cancellationToken);
            await AwaitAsync(context, node, window, cancellationToken);
        }

        RespConnection primary = await window.ToAsync(window.Source, cancellationToken);
        await primary.EnsureOwnsAllSlotsAsync(cancellationToken);
        foreach (Node node in GarnetShard.Of(context.Source).Replicas)
        {
            await GarnetReplicator.AttachAsync(context, primary, window.Source, await window.ToAsync(node, cancellationToken), node, cancellationToken);
        }
    }

    /// <summary>Brings up one node as a cluster of its own that owns all slots.</summary>
    /// <param name="context">Whose upgrade it belongs to.</param>
    /// <param name="node">The node; its folder is empty, or ours.</param>
    /// <param name="users">The lines of its ACL file; our control user is among them.</param>
    /// <param name="fill">Puts the data into its folder, before it is started.</param>
    /// <param name="cancellationToken">Gives up; what was made is left for removing.</param>
    public static async Task BringUpAsync(EngineContext context, Node node, string users, Func<Task> fill, CancellationToken cancellationToken)
    {
        await using GarnetWindow window = new(context);
        await MakeAsync(context, node, users, window.Access, fill, cancellationToken);
        await AwaitAsync(context, node, window, cancellationToken);
        await (await window.ToAsync(node, cancellationToken)).EnsureOwnsAllSlotsAsync(cancellationToken);
    }

    /// <summary>
    /// Starts a node again without any data, closed as before. There is no other way to fill a node a second time: a node that begins to follow in
    /// the process in which it already had a log stops to replay at one of the log's pages ("Uninitialized page found during scan", 2.2.2 and 2.2.8),
    /// and goes on to report that it streams. What the node has served is put aside and not removed.
    /// </summary>
    /// <exception cref="UpgradeException">The node is not ours, is not closed, or does not start.</exception>
    public static async Task RenewAsync(EngineContext context, Node node, bool hasServed, CancellationToken cancellationToken)
    {
        IHost host = context.Hosts[node.Host];
        string? owner = await host.ReadFileAsync(MarkOf(node), cancellationToken);
        bool isOurs = context.IsReverse ? owner is not null : owner == context.UpgradeId;
        if (!isOurs || (await GarnetAclFile.ReadAsync(node, host, cancellationToken)).Originals is null)
        {
            throw new UpgradeException("TargetNotClosed", $"{node} is not a closed node of upgrade {context.UpgradeId}, so its data may not be replaced.", "If this node serves clients, it is not the green of this upgrade: check the service file.", FailureCategory.Refused) { Target = node.Name };
        }

        await RestartEmptyAsync(context, node, hasServed, cancellationToken);
    }

    /// <summary>Starts a node that we have started again without any data, with the users of its ACL file.</summary>
    public static async Task RestartEmptyAsync(EngineContext context, Node node, bool hasServed, CancellationToken cancellationToken)
    {
        IHost host = context.Hosts[node.Host];
        string folder = node.DataDirectory!;
        if (!await GarnetProcess.StopAsync(folder, host, cancellationToken))
        {
            throw new UpgradeException("NotOurProcess", $"{node} was not started by us, so it cannot be started again empty.", "Writes go on where they are; there is no way back to this node.", FailureCategory.WrongState) { Target = node.Name };
        }

        if (hasServed)
        {
            await PutAsideAsync(folder, host, cancellationToken);
        }

        foreach (string data in DataFolders)
        {
            await host.RemoveFolderAsync(Path.Combine(folder, data), cancellationToken);
        }

        await GarnetProcess.StartAsync(await ProgramAsync(context, node, host, cancellationToken), folder, host, cancellationToken);
        await using GarnetWindow window = new(context);
        await AwaitAsync(context, node, window, cancellationToken);
    }

    private static async Task PutAsideAsync(string folder, IHost host, CancellationToken cancellationToken)
    {
        string aside = Path.Combine(folder, Aside);
        await host.RemoveFolderAsync(aside, cancellationToken);
        await host.CreateFolderAsync(aside, PrivateFolder, cancellationToken);
        CommandResult moved = await host.RunAsync(new HostCommand("find", [".", "-maxdepth", "1", "(", .. DataFolders.SelectMany((data, i) => i == 0 ? new[] { "-name", data } : ["-o", "-name", data]), ")", "-exec", "mv", "{}", Aside, ";"]) { WorkingFolder = folder }, cancellationToken);
        if (moved.ExitCode != 0)
        {
            throw new UpgradeException("DataNotPutAside", $"What lies in '{folder}' could not be put aside: {moved.Error.Trim()}", "Look at the folder's rights and the disk, then run the command again.") { Target = folder };
        }
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(EngineContext context, ClusterLayout layout, CancellationToken cancellationToken)
    {
        foreach (Node node in layout.Nodes.Where(node => node.DataDirectory is not null))
        {
            await RemoveAsync(context, node, cancellationToken);
        }
    }

    /// <summary>Stops a node and removes its folder, if this upgrade has made it.</summary>
    public static async Task RemoveAsync(EngineContext context, Node node, CancellationToken cancellationToken)
    {
        IHost host = context.Hosts[node.Host];
        if (await host.ReadFileAsync(MarkOf(node), cancellationToken) == context.UpgradeId)
        {
            await GarnetProcess.StopAsync(node.DataDirectory!, host, cancellationToken);
            await host.RemoveFolderAsync(node.DataDirectory!, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task RetireAsync(EngineContext context, ClusterLayout layout, CancellationToken cancellationToken)
    {
        foreach (Node node in layout.Nodes)
        {
            bool stopped = node.DataDirectory is not null && await GarnetProcess.StopAsync(node.DataDirectory, context.Hosts[node.Host], cancellationToken);
            if (!stopped && await AnswersAsync(context, node, cancellationToken))
            {
                throw new UpgradeException("NotOurProcess", $"{node} was not started by us, and Garnet has no command that stops it. It refuses writes and no client uses it.", "Stop and disable its service on that host, then run the command again.", FailureCategory.WrongState) { Target = node.Name };
            }
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ListClientsAsync(EngineContext context, ClusterLayout layout, CancellationToken cancellationToken)
    {
        GarnetAccess access = new(context.Service, context.Secrets);
        List<string> lines = [];
        foreach (Node node in layout.Nodes)
        {
            if (!await AnswersAsync(context, node, cancellationToken))
            {
                continue;
            }

            await using RespConnection connection = await access.ConnectControlAsync(node, "clients", cancellationToken);
            lines.AddRange((await GarnetClient.ListAsync(connection, cancellationToken)).Where(client => client.IsOrdinary && !client.Name.StartsWith(GarnetAccess.Prefix, StringComparison.Ordinal)).Select(client => $"{node.Name} {client.Address} {client.Name}".TrimEnd()));
        }

        return lines;
    }

    private static async Task MakeAsync(EngineContext context, Node node, string users, GarnetAccess access, Func<Task>? fill, CancellationToken cancellationToken)
    {
        IHost host = context.Hosts[node.Host];
        string folder = node.DataDirectory ?? throw new UpgradeException("DataDirectoryMissing", $"{node} has no data directory.", "Name one for each node of green.", FailureCategory.InvalidInput) { Target = node.Name };
        if (await GarnetProcess.FindAsync(folder, host, cancellationToken) is { } known && await host.IsRunningAsync(known, cancellationToken))
        {
            return;
        }

        await ClaimAsync(context, node, folder, host, cancellationToken);
        string program = await ProgramAsync(context, node, host, cancellationToken);
        await host.WriteFileAsync(GarnetAclFile.Locate(node)!, users, PrivateFile, cancellationToken);
        await host.WriteFileAsync(GarnetConfiguration.Locate(folder), GarnetConfiguration.Write(node, folder, access, recover: true), PrivateFile, cancellationToken);
        if (fill is not null)
        {
            await fill();
        }

        await GarnetProcess.StartAsync(program, folder, host, cancellationToken);
    }

    private static async Task ClaimAsync(EngineContext context, Node node, string folder, IHost host, CancellationToken cancellationToken)
    {
        if (!await host.IsPortFreeAsync(node.Endpoint.Host, node.Endpoint.Port, cancellationToken))
        {
            throw new UpgradeException("GreenPortTaken", $"Port {node.Endpoint.Port} of {node.Endpoint.Host}, meant for {node.Name}, is taken.", "Stop what listens there, or choose another port for green.", FailureCategory.Capacity) { Target = node.Endpoint.ToString() };
        }

        string? owner = await host.ReadFileAsync(MarkOf(node), cancellationToken);
        if (owner is not null && owner != context.UpgradeId)
        {
            throw new UpgradeException("DataDirectoryTaken", $"'{folder}', meant for {node.Name}, belongs to upgrade {owner}.", "Undo that upgrade, or choose another data root for green.", FailureCategory.WrongState) { Target = folder };
        }

        await host.CreateFolderAsync(folder, PrivateFolder, cancellationToken);
        await host.WriteFileAsync(MarkOf(node), context.UpgradeId, PrivateFile, cancellationToken);
    }

    private static async Task<string> ProgramAsync(EngineContext context, Node node, IHost host, CancellationToken cancellationToken)
    {
        if (context.Service.Software.GetValueOrDefault(node.Version)?.Server is { } named)
        {
            return named;
        }

        return host.Name == "local"
            ? await GarnetTool.EnsureAsync(node.Version, host, cancellationToken)
            : throw new UpgradeException("SoftwareUnknown", $"Where Garnet {node.Version} lies on host '{host.Name}' is not described.", $"Install the garnet-server tool there, and name the program under 'software' for version {node.Version}.", FailureCategory.NotFound) { Target = node.Version };
    }

    private static async Task AwaitAsync(EngineContext context, Node node, GarnetWindow window, CancellationToken cancellationToken)
    {
        IHost host = context.Hosts[node.Host];
        bool up = await GarnetWait.UntilAsync(
            async token =>
            {
                try
                {
                    await window.ToAsync(node, token);
                    return true;
                }
                catch (UpgradeException exception) when (exception.Category == FailureCategory.Unreachable)
                {
                    await Task.Delay(Interval, context.Clock, token);
                    return false;
                }
            },
            StartDeadline, Interval, context.Clock, cancellationToken);
        if (!up)
        {
            string words = await GarnetProcess.LastWordsAsync(node, node.DataDirectory!, host, cancellationToken);
            throw new UpgradeException("NodeDidNotStart", $"{node} did not answer within {StartDeadline.TotalSeconds:0} s of its start: {words}", "Correct what its log says, then run the command again.") { Target = node.Name };
        }
    }

    private static async Task<bool> AnswersAsync(EngineContext context, Node node, CancellationToken cancellationToken) =>
        !await context.Hosts[node.Host].IsPortFreeAsync(node.Endpoint.Host, node.Endpoint.Port, cancellationToken);

    private static string MarkOf(Node node) => Path.Combine(node.DataDirectory!, Mark);
}
