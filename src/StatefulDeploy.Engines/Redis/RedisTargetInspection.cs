using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>What stands against green as it is planned: software, ports, memory and disk.</summary>
internal static class RedisTargetInspection
{
    /// <summary>Adds findings about green.</summary>
    /// <returns>The version of green's software; null when there is none.</returns>
    public static async Task<RedisVersion?> InspectAsync(EngineContext context, List<Finding> findings, CancellationToken cancellationToken)
    {
        RedisVersion? version = null;
        foreach (IGrouping<string, Node> group in context.Target.Nodes.GroupBy(node => node.Host, StringComparer.Ordinal))
        {
            IHost host = context.Hosts[group.Key];
            version = await InspectSoftwareAsync(context, host, findings, cancellationToken) ?? version;
            if (!host.Exists)
            {
                continue;
            }

            await InspectCapacityAsync(context, host, [.. group], findings, cancellationToken);
            foreach (Node node in group)
            {
                await InspectPlaceAsync(context, node, host, findings, cancellationToken);
            }
        }

        return version;
    }

    private static async Task<RedisVersion?> InspectSoftwareAsync(EngineContext context, IHost host, List<Finding> findings, CancellationToken cancellationToken)
    {
        try
        {
            return (await RedisSoftware.FindAsync(context.Service, context.Target.Version, RedisGreenNode.FamilyOf(context.Service), host, cancellationToken)).Version;
        }
        catch (UpgradeException exception)
        {
            findings.Add(Finding.Refuse(exception.ErrorId, host.Name, exception.Message, exception.RecommendedAction));
            return null;
        }
    }

    // A node that runs already is ours from an earlier try: neither its port nor its place is asked for again.
    private static async Task InspectPlaceAsync(EngineContext context, Node node, IHost host, List<Finding> findings, CancellationToken cancellationToken)
    {
        if (await RedisGreenRecord.FindAsync(node, context.Service.Name, host, cancellationToken) is null
            && !await host.IsPortFreeAsync(node.Endpoint.Host, node.Endpoint.Port, cancellationToken))
        {
            findings.Add(Finding.Refuse("GreenPortTaken", node.Name, $"Something listens on {node.Endpoint} already.", "Choose another port for the green node, or stop what uses this one."));
        }
    }

    private static async Task InspectCapacityAsync(EngineContext context, IHost host, List<Node> nodes, List<Finding> findings, CancellationToken cancellationToken)
    {
        long memory = 0;
        // A server that takes over a volume on its own machine takes over the memory too, and needs no room for a copy.
        foreach (Node node in nodes.Where(node => !StandsIn(node, context)))
        {
            Shard source = context.Source.Shards.First(shard => context.Target.Shards.Single(target => target.Nodes.Contains(node)).Name == shard.Name);
            memory += await NeedAsync(source.Primary, context, cancellationToken);
        }

        Refuse(findings, "NotEnoughMemory", host, "memory", memory, (await host.MeasureAsync("/", cancellationToken)).FreeMemoryBytes);
        foreach (string folder in nodes.Where(node => node.Volume is null).Select(node => node.DataDirectory ?? "/").Distinct(StringComparer.Ordinal))
        {
            HostCapacity capacity = await host.MeasureAsync(folder, cancellationToken);

            // A copy received, and a rewritten log beside it.
            Refuse(findings, "NotEnoughDisk", host, $"disk at {folder}", memory * 2, capacity.FreeDiskBytes);
        }
    }

    private static bool StandsIn(Node node, EngineContext context) =>
        context.Service.Volumes.FirstOrDefault(volume => volume.Name == node.Volume) is { } volume && context.Source.Nodes.Any(blue => blue.Name == volume.Node && blue.Host == node.Host);

    private static async Task<long> NeedAsync(Node source, EngineContext context, CancellationToken cancellationToken)
    {
        try
        {
            await using RespConnection admin = await new RedisAccess(context.Service, context.Secrets).ConnectAsync(source, RedisAccount.Admin, "probe", cancellationToken);
            long used = (await admin.InfoAsync("memory", cancellationToken)).Number("used_memory");
            return (used * 12 / 10) + RedisGreenConfig.BacklogBytes(used);
        }
        catch (UpgradeException)
        {
            // That the node does not answer is a finding of its own.
            return 0;
        }
    }

    private static void Refuse(List<Finding> findings, string code, IHost host, string what, long needed, long free)
    {
        if (needed > free && findings.TrueForAll(finding => finding.Code != code))
        {
            findings.Add(Finding.Refuse(code, host.Name, $"Green needs about {needed >> 20} MiB of {what} on host '{host.Name}', and {free >> 20} MiB are free.", "Free some, or place green on another host."));
        }
    }
}
