using System.Net;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.Planning;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>Asks the nodes and hosts everything that could stop an upgrade, before anything is touched.</summary>
internal sealed class RedisPreflight : IEnginePreflight
{
    /// <inheritdoc/>
    public async Task<NodeStatus> ProbeAsync(Node node, EngineContext context, CancellationToken cancellationToken)
    {
        NodeStatus status = new() { Name = node.Name };
        try
        {
            await using RespConnection admin = await new RedisAccess(context.Service, context.Secrets).ConnectAsync(node, RedisAccount.Admin, "probe", cancellationToken);
            RedisInfo all = await admin.InfoAsync("everything", cancellationToken);
            RedisVersion version = RedisVersion.Of(all);
            bool primary = all["role"] == "master";
            return status with
            {
                Reachable = true,
                Version = $"{version.Major}.{version.Minor}.{version.Patch}",
                Role = primary ? NodeRole.Primary : NodeRole.Replica,
                Writable = primary && !await RedisFence.IsClosedAsync(admin, cancellationToken),
                DataBytes = all.Number("used_memory_dataset"),
                Clients = (await admin.ClientsAsync(cancellationToken)).Count(RedisProvisioner.IsForeign),
            };
        }
        catch (Exception exception) when (exception is UpgradeException or RespConnectionException or RespServerException or TimeoutException)
        {
            return status with { Message = exception.Message };
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        RedisVersion? target = await RedisTargetInspection.InspectAsync(context, findings, cancellationToken);
        foreach (RedisPair pair in RedisPair.Of(context))
        {
            foreach (Node node in pair.Source.Nodes)
            {
                await new RedisNodeInspection(node, pair, context, target, findings).RunAsync(cancellationToken);
            }
        }

        return findings;
    }

    /// <inheritdoc/>
    public async Task<ClusterLayout> PlanGreenAsync(ServiceDescription service, string version, IHostDirectory hosts, CancellationToken cancellationToken)
    {
        RedisVersion parsed = RedisVersion.Parse(version, RedisGreenNode.FamilyOf(service));
        IHost host = hosts[(service.Green.Shards.Count > 0 ? service.Green.Shards[0].Primary : service.Blue.Writer).Host];
        if ((await RedisSoftware.FindAsync(service, version, parsed.Family, host, cancellationToken)).Version is { RdbVersion: null } unknown)
        {
            throw new UpgradeException("UnknownVersion", $"{unknown} is not known to this release.", $"Use one of: {RedisVersion.KnownNames}.", FailureCategory.InvalidInput) { Target = version };
        }

        return await GreenLayout.MakeAsync(service, version, hosts, "redis.conf", cancellationToken);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Finding> InspectMixture(ServiceDescription service, string version)
    {
        RedisFamily family = RedisGreenNode.FamilyOf(service);
        RedisVersion old = RedisVersion.Parse(service.Blue.Version, family);
        RedisVersion young = RedisVersion.Parse(version, family);
        if (old.IsSameMinor(young))
        {
            return [Finding.Inform("MixedVersions", service.Name, $"Until the last shard is switched, clients meet {old.Family} {service.Blue.Version} and {version} at once: the same commands, and values that can be moved either way.")];
        }

        string moved = old.CanLoad(young)
            ? "Values can be moved between them either way."
            : $"A value that is taken from a switched shard by DUMP or MIGRATE is in snapshot version {young.RdbVersion}, which {service.Blue.Version} cannot RESTORE; the other way round it can be.";
        return [Finding.Warn("MixedVersions", service.Name, $"Until the last shard is switched, clients meet {old.Family} {service.Blue.Version} and {version} at once. {moved}", "Use only commands that both know, and move no keys between shards until then.")];
    }

    /// <inheritdoc/>
    public async Task<WayBack> FindWayBackAsync(EngineContext context, CancellationToken cancellationToken)
    {
        RedisVersion blue = await VersionAsync(context.Source.Writer, context, cancellationToken);
        RedisVersion green = RedisVersion.Parse(context.Target.Version, RedisGreenNode.FamilyOf(context.Service));
        IHost host = context.Hosts[context.Target.Writer.Host];
        green = (await RedisSoftware.FindAsync(context.Service, context.Target.Version, green.Family, host, cancellationToken)).Version;
        bool here = context.Source.Primaries.All(node => node.Endpoint.Host == "localhost" || (IPAddress.TryParse(node.Endpoint.Host, out IPAddress? address) && IPAddress.IsLoopback(address)));
        return RedisWayBack.Find(blue, green, context.Service.TlsCaFile is not null, here);
    }

    /// <inheritdoc/>
    public async Task<long> MeasureAsync(EngineContext context, CancellationToken cancellationToken)
    {
        long[] sizes = await Task.WhenAll(context.Source.Primaries.Select(async node =>
        {
            await using RespConnection admin = await new RedisAccess(context.Service, context.Secrets).ConnectAsync(node, RedisAccount.Admin, "probe", cancellationToken);
            return (await admin.InfoAsync("memory", cancellationToken)).Number("used_memory_dataset");
        }));
        return sizes.Sum();
    }

    private static async Task<RedisVersion> VersionAsync(Node node, EngineContext context, CancellationToken cancellationToken)
    {
        await using RespConnection admin = await new RedisAccess(context.Service, context.Secrets).ConnectAsync(node, RedisAccount.Admin, "probe", cancellationToken);
        return RedisVersion.Of(await admin.InfoAsync("server", cancellationToken));
    }
}
