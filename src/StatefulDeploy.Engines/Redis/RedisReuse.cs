using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;
using StatefulDeploy.Reuse;

namespace StatefulDeploy.Engines.Redis;

/// <summary>
/// A newer server goes on from the snapshot that the older one wrote at its end: such a snapshot has the position in its primary's stream, so that
/// only what was missed is sent. Where the primary's backlog does not reach back that far, all of it is.
/// </summary>
internal sealed class RedisReuse : IDataReuse
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan EndsWithin = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, IReadOnlyList<NodeTransfer> transfers, CancellationToken cancellationToken) =>
        new RedisReuseInspection(context).RunAsync(transfers, cancellationToken);

    /// <inheritdoc/>
    public async Task PrepareAsync(NodeTransfer transfer, EngineContext context, CancellationToken cancellationToken)
    {
        RedisLeftServer left = await RedisLeftServer.FindAsync(transfer.From, context, cancellationToken) ?? await RedisLeftServer.NoteAsync(transfer.From, context, cancellationToken);
        RedisAccess access = new(context.Service, context.Secrets);
        string[] settings = [.. transfer.To.Role == NodeRole.Primary ? access.ReplicationLines : [], RedisConfigText.Line("dbfilename", left.Snapshot)];
        await Green(transfer, context).LayOutAsync(settings, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<bool> IsRunningAsync(Node node, EngineContext context, CancellationToken cancellationToken)
    {
        try
        {
            await using RespConnection admin = await new RedisAccess(context.Service, context.Secrets).ConnectControlAsync(node, "reuse", cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is RespConnectionException or RespServerException or TimeoutException or UpgradeException { Category: FailureCategory.Unreachable })
        {
            return !await context.Hosts[node.Host].IsPortFreeAsync(node.Endpoint.Host, node.Endpoint.Port, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(Node node, EngineContext context, CancellationToken cancellationToken)
    {
        IHost host = context.Hosts[node.Host];
        if (node.Colour == ClusterColour.Green && await RedisGreenRecord.FindAsync(node, context.Service.Name, host, cancellationToken) is { Process: { } ours })
        {
            // Its data is not wanted any more.
            await host.StopAsync(ours, Grace, cancellationToken);
            return;
        }

        if (await IsRunningAsync(node, context, cancellationToken))
        {
            await ShutDownAsync(node, host, context, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task StartNewAsync(NodeTransfer transfer, EngineContext context, CancellationToken cancellationToken)
    {
        Node primary = PrimaryOf(transfer, context);
        RedisGreenNode green = Green(transfer, context);
        if (transfer.IsOutage)
        {
            await green.StartOnDataAsync(null, cancellationToken);
            await IsKeptAsync(transfer.To, await green.LogSettingAsync(cancellationToken), context, cancellationToken);
            return;
        }

        await green.StartOnDataAsync(primary, cancellationToken);
        await using (RespConnection control = await new RedisAccess(context.Service, context.Secrets).ConnectControlAsync(transfer.To, "reuse", cancellationToken))
        {
            if ((await control.InfoAsync("replication", cancellationToken))["role"] == "master")
            {
                await RedisFollowing.FollowAsync(primary, transfer.To, context, cancellationToken);
            }
        }

        await RedisCatchUp.WaitAsync(transfer.To, primary, await green.LogSettingAsync(cancellationToken), context, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task StartOldAsync(NodeTransfer transfer, EngineContext context, CancellationToken cancellationToken)
    {
        Node primary = PrimaryOf(transfer, context);
        if (!await IsRunningAsync(transfer.From, context, cancellationToken))
        {
            await StartAsync(transfer.From, transfer.IsOutage ? null : primary, context, cancellationToken);
        }

        if (transfer.IsOutage)
        {
            await IsKeptAsync(transfer.From, null, context, cancellationToken);
            return;
        }

        await RedisCatchUp.WaitAsync(transfer.From, primary, null, context, cancellationToken);
    }

    // It has loaded its data, and what it has in memory would survive its crash.
    private static async Task IsKeptAsync(Node node, string? log, EngineContext context, CancellationToken cancellationToken)
    {
        await using RespConnection control = await new RedisAccess(context.Service, context.Secrets).ConnectControlAsync(node, "reuse", cancellationToken);
        while (true)
        {
            RedisInfo all = await control.InfoAsync("everything", cancellationToken);
            if (all.Number("loading") == 0)
            {
                if (log == "yes" && all.Number("aof_enabled") == 0)
                {
                    await control.ExecuteAsync(["CONFIG", "SET", "appendonly", "yes"], cancellationToken);
                }
                else if (RedisReplicator.IsKept(all))
                {
                    return;
                }
            }

            await Task.Delay(Poll, context.Clock, cancellationToken);
        }
    }

    private static async Task StartAsync(Node node, Node? primary, EngineContext context, CancellationToken cancellationToken)
    {
        IHost host = context.Hosts[node.Host];
        if (node.Start.Count > 0)
        {
            await RunAsync(node, host, node.Start, cancellationToken);
        }
        else
        {
            RedisLeftServer left = await RedisLeftServer.FindAsync(node, context, cancellationToken)
                ?? throw new UpgradeException("StartUnknown", $"How {node} was started is not known any more.", "Start it by hand, or describe 'start' of the node, and do it again.", FailureCategory.NotFound) { Target = node.Name };
            await host.CreateFolderAsync(context.Service.StateDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, cancellationToken);
            await host.StartDetachedAsync(left.Command(primary), Path.Combine(context.Service.StateDirectory, $"{node.Name}.out"), cancellationToken);
        }

        await AnswersAsync(node, context, cancellationToken);
    }

    private static async Task AnswersAsync(Node node, EngineContext context, CancellationToken cancellationToken)
    {
        long start = context.Clock.GetTimestamp();
        while (true)
        {
            try
            {
                await using RespConnection admin = await new RedisAccess(context.Service, context.Secrets).ConnectAsync(node, RedisAccount.Admin, "reuse", cancellationToken);
                return;
            }
            catch (UpgradeException exception) when (exception.Category == FailureCategory.Unreachable)
            {
                if (context.Clock.GetElapsedTime(start) > AnswersWithin)
                {
                    throw new UpgradeException("BlueDidNotStart", $"{node} was started again and does not answer: {exception.Message}", "Read its log, start it by hand, and do it again.", FailureCategory.Unreachable, exception) { Target = node.Name };
                }
            }

            await Task.Delay(Poll, context.Clock, cancellationToken);
        }
    }

    private static async Task ShutDownAsync(Node node, IHost host, EngineContext context, CancellationToken cancellationToken)
    {
        long process;
        await using (RespConnection control = await new RedisAccess(context.Service, context.Secrets).ConnectControlAsync(node, "reuse", cancellationToken))
        {
            process = (await control.InfoAsync("server", cancellationToken)).Number("process_id");
            if (node is { Role: NodeRole.Primary, Stop.Count: > 0 })
            {
                // Whoever stops it may not let it save; its successor loads what is saved.
                await control.ExecuteAsync(["SAVE"], cancellationToken);
            }

            if (node.Stop.Count == 0)
            {
                await SaveAndEndAsync(node, control, cancellationToken);
            }
        }

        if (node.Stop.Count > 0)
        {
            await RunAsync(node, host, node.Stop, cancellationToken);
        }

        long start = context.Clock.GetTimestamp();
        while ((await host.RunAsync(new HostCommand("test", "-d", $"/proc/{process}/fd"), cancellationToken)).ExitCode == 0)
        {
            if (context.Clock.GetElapsedTime(start) > EndsWithin)
            {
                throw new UpgradeException("ServerGoesOn", $"{node} was told to end and goes on running as process {process}.", "Read its log, or end it by hand, and resume the upgrade.", FailureCategory.Timeout) { Target = node.Name };
            }

            await Task.Delay(Poll, context.Clock, cancellationToken);
        }
    }

    private static async Task SaveAndEndAsync(Node node, RespConnection control, CancellationToken cancellationToken)
    {
        try
        {
            RespValue reply = await control.SendAsync(["SHUTDOWN", "SAVE"], cancellationToken);
            if (reply.IsError)
            {
                throw new UpgradeException("ServerNotStopped", $"{node} could not save its data and goes on: {reply.AsString()}", "Read its log; mostly its disk is full. Nothing was moved.", FailureCategory.Capacity) { Target = node.Name };
            }
        }
        catch (Exception exception) when (exception is RespConnectionException or TimeoutException)
        {
            // It closes the connection as it ends; or saves for longer than an answer may take.
        }
    }

    private static async Task RunAsync(Node node, IHost host, IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        CommandResult result = await host.RunAsync(new HostCommand(command[0], [.. command.Skip(1)]) { Timeout = EndsWithin }, cancellationToken);
        if (result.ExitCode != 0)
        {
            throw new UpgradeException("NodeCommandFailed", $"'{string.Join(' ', command)}' for {node} failed on host '{host.Name}' with exit code {result.ExitCode}: {(result.Error.Length > 0 ? result.Error : result.Output).Trim()}", "Correct 'start' and 'stop' of the node in the service file, or mend what the message names.") { Target = node.Name };
        }
    }

    private static Node PrimaryOf(NodeTransfer transfer, EngineContext context) =>
        context.Source.Shards.First(shard => shard.Nodes.Any(node => node.Name == transfer.From.Name || node.Name == transfer.To.Name)).Primary;

    private static RedisGreenNode Green(NodeTransfer transfer, EngineContext context)
    {
        Shard source = context.Source.Shards.First(shard => shard.Primary == PrimaryOf(transfer, context));
        Shard target = context.Target.Shards.FirstOrDefault(shard => shard.Name == source.Name && shard.Nodes.Contains(transfer.To)) ?? source;
        return new RedisGreenNode(transfer.To, new RedisPair(source, target), context);
    }
}
