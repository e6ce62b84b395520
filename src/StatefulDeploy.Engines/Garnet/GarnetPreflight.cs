using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>What Garnet is asked before anything is touched.</summary>
internal sealed class GarnetPreflight : IEnginePreflight
{
    /// <inheritdoc/>
    public async Task<NodeStatus> ProbeAsync(Node node, EngineContext context, CancellationToken cancellationToken)
    {
        try
        {
            await using RespConnection connection = await new GarnetAccess(context.Service, context.Secrets).ConnectAsync(node, GarnetAccount.Admin, "preflight", cancellationToken);
            return await DescribeAsync(node, connection, cancellationToken);
        }
        catch (Exception exception) when (exception is UpgradeException or RespConnectionException or RespServerException or TimeoutException)
        {
            return new NodeStatus { Name = node.Name, Message = exception.Message };
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, CancellationToken cancellationToken)
    {
        List<Finding> findings = [.. GarnetInspection.OfVersions(context), .. GarnetInspection.OfShape(context)];
        if (findings.Exists(finding => finding.Severity == FindingSeverity.Refuse))
        {
            return findings;
        }

        foreach (Node node in context.Source.Nodes)
        {
            findings.AddRange(await GarnetInspection.OfNodeAsync(node, context, cancellationToken));
        }

        findings.AddRange(await GarnetInspection.OfTargetAsync(context, await MeasureQuietlyAsync(context, cancellationToken), cancellationToken));
        return findings;
    }

    /// <inheritdoc/>
    public Task<ClusterLayout> PlanGreenAsync(ServiceDescription service, string version, IHostDirectory hosts, CancellationToken cancellationToken) =>
        GarnetPlan.MakeAsync(service, version, hosts, cancellationToken);

    /// <inheritdoc/>
    public Task<WayBack> FindWayBackAsync(EngineContext context, CancellationToken cancellationToken) => GarnetWayBack.FindAsync(context, cancellationToken);

    /// <inheritdoc/>
    public async Task<long> MeasureAsync(EngineContext context, CancellationToken cancellationToken)
    {
        await using RespConnection connection = await new GarnetAccess(context.Service, context.Secrets).ConnectAsync(GarnetShard.Of(context.Source).Primary, GarnetAccount.Admin, "preflight", cancellationToken);
        return await BytesAsync(connection, cancellationToken);
    }

    private static async Task<NodeStatus> DescribeAsync(Node node, RespConnection connection, CancellationToken cancellationToken)
    {
        GarnetInfo server = await connection.InfoAsync("server", cancellationToken);
        GarnetRole role = await GarnetRole.AskAsync(connection, cancellationToken);
        GarnetCommands commands = await GarnetCommands.AskAsync(connection, cancellationToken);
        bool closed = await GarnetFence.IsClosedAsync(connection, commands, cancellationToken);
        bool owns = role.IsPrimary && await connection.OwnsAllSlotsAsync(cancellationToken);
        return new NodeStatus
        {
            Name = node.Name,
            Reachable = true,
            Version = server["garnet_version"],
            Role = role.IsPrimary ? NodeRole.Primary : NodeRole.Replica,
            Writable = owns && !closed,
            DataBytes = await BytesAsync(connection, cancellationToken),
            Clients = (await GarnetClient.ListAsync(connection, cancellationToken)).Count(client => client.IsOrdinary),
            Message = !role.IsPrimary || owns ? string.Empty : "It owns no slots.",
        };
    }

    private async Task<long> MeasureQuietlyAsync(EngineContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await MeasureAsync(context, cancellationToken);
        }
        catch (Exception exception) when (exception is UpgradeException or RespConnectionException or RespServerException or TimeoutException)
        {
            // The node's own findings tell why.
            return 0;
        }
    }

    // The log between its first and last address, and the objects on the heap.
    private static async Task<long> BytesAsync(RespConnection connection, CancellationToken cancellationToken)
    {
        GarnetInfo store = await connection.InfoAsync("store", cancellationToken);
        return Math.Max(0, store.Number("Log.TailAddress") - store.Number("Log.BeginAddress")) + store.Number("Log.CurrentHeapSizeBytes");
    }
}
