using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>The findings of preflight.</summary>
internal static class GarnetInspection
{
    private const long ServerBytes = 200L << 20;

    /// <summary>What can be said of the versions alone.</summary>
    public static IEnumerable<Finding> OfVersions(EngineContext context)
    {
        GarnetVersion source = GarnetVersion.Parse(context.Source.Version);
        GarnetVersion target = GarnetVersion.Parse(context.Target.Version);
        if (target.IsOlderThan(source) && !context.IsReverse)
        {
            yield return Finding.Refuse("VersionOlder", target.ToString(), $"Garnet {target} is older than the {source} that serves; an upgrade goes up.", "Choose a newer version.");
        }

        if (source.IsOlderThan(GarnetVersion.Oldest))
        {
            yield return Finding.Refuse("VersionUnsupported", source.ToString(), $"Garnet {source} is older than {GarnetVersion.Oldest}, the oldest version whose fence and replication were proved.", $"Bring it to {GarnetVersion.Oldest} first.");
        }

        if (GarnetVersion.Newest.IsOlderThan(target))
        {
            yield return Finding.Warn("VersionUntried", target.ToString(), $"Garnet {target} is newer than {GarnetVersion.Newest}, the newest version that was tried.", "Rehearse the upgrade on a copy first.");
        }
    }

    /// <summary>What can be said of the shape alone.</summary>
    public static IEnumerable<Finding> OfShape(EngineContext context)
    {
        if (context.Source.Shards.Count != 1)
        {
            yield return Finding.Refuse("OneShardOnly", context.Source.Colour.ToString(), $"The service has {context.Source.Shards.Count} shards; a Garnet service must be one shard that owns all slots.", "Upgrade each shard as a service of its own, or move all slots to one primary.");
        }

        if (context.Service.TlsCaFile is not null)
        {
            yield return Finding.Refuse("TlsUnsupported", context.Service.Name, "Garnet over TLS is not supported yet: green's certificate and the nodes' own links would have to be set up.", "Run the service inside a private network without TLS, or upgrade it by hand.");
        }

        if (context.Target.Shards.Count > 0 && context.Target.Shards[0].Replicas.Count() < context.Service.DataClass.HotReplicas)
        {
            yield return Finding.Refuse("TooFewReplicas", context.Target.Colour.ToString(), $"Data class '{context.Service.DataClass.Name}' asks for {context.Service.DataClass.HotReplicas} hot replica(s), and {context.Target.Colour} would have {context.Target.Shards[0].Replicas.Count()}.", "Describe more nodes for green, or choose another data class.");
        }
    }

    /// <summary>What one node of source says.</summary>
    public static async Task<IReadOnlyList<Finding>> OfNodeAsync(Node node, EngineContext context, CancellationToken cancellationToken)
    {
        try
        {
            await using RespConnection connection = await new GarnetAccess(context.Service, context.Secrets).ConnectAsync(node, GarnetAccount.Admin, "preflight", cancellationToken);
            GarnetInfo server = await connection.InfoAsync("server", cancellationToken);
            if (server["garnet_version"].Length == 0)
            {
                return [Finding.Refuse("NotGarnet", node.Name, $"{node} is no Garnet; it calls itself version {server["redis_version"]} of something else. Garnet does not replicate with Redis in either direction.", "Name the engine of the service rightly.")];
            }

            return
            [
                .. OfServer(node, server),
                .. await OfSettingsAsync(node, connection, cancellationToken),
                .. await OfUsersAsync(node, context, connection, cancellationToken),
                .. await OfRoleAsync(node, connection, cancellationToken),
                .. await OfStatisticsAsync(node, context, connection, cancellationToken),
            ];
        }
        catch (UpgradeException exception)
        {
            return [Finding.Refuse(exception.ErrorId, node.Name, exception.Message, exception.RecommendedAction)];
        }
        catch (Exception exception) when (exception is RespConnectionException or RespServerException or TimeoutException)
        {
            return [Finding.Refuse("NodeUnreachable", node.Name, $"{node} could not be asked: {exception.Message}", "Check the node, and that the administrator's account may use INFO, CONFIG GET, ACL LIST and CLUSTER.")];
        }
    }

    /// <summary>What green needs of its host.</summary>
    public static async Task<IReadOnlyList<Finding>> OfTargetAsync(EngineContext context, long dataBytes, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        foreach (IGrouping<string, Node> group in context.Target.Nodes.Where(node => node.DataDirectory is not null).GroupBy(node => node.Host, StringComparer.Ordinal))
        {
            HostCapacity capacity = await context.Hosts[group.Key].MeasureAsync(group.First().DataDirectory!, cancellationToken);
            long memory = group.Count() * (ServerBytes + dataBytes + (dataBytes / 2));
            long disk = group.Count() * (ServerBytes + (3 * dataBytes));
            if (capacity.FreeMemoryBytes < memory)
            {
                findings.Add(Finding.Refuse("TooLittleMemory", group.Key, $"Green needs about {memory:N0} bytes of memory on '{group.Key}', and {capacity.FreeMemoryBytes:N0} are available.", "Free memory there, or give green another host."));
            }

            if (capacity.FreeDiskBytes < disk)
            {
                findings.Add(Finding.Refuse("TooLittleDisk", group.Key, $"Green needs about {disk:N0} bytes of disk on '{group.Key}' (checkpoint and log), and {capacity.FreeDiskBytes:N0} are free.", "Free disk there, or choose another data root."));
            }
        }

        return findings;
    }

    private static IEnumerable<Finding> OfServer(Node node, GarnetInfo server)
    {
        if (!server["garnet_version"].StartsWith(node.Version, StringComparison.Ordinal))
        {
            yield return Finding.Refuse("VersionDiffers", node.Name, $"{node} runs Garnet {server["garnet_version"]}, but the service file says {node.Version}.", "Correct the version in the service file.");
        }

        if (server["redis_mode"] != "cluster")
        {
            yield return Finding.Refuse("NotInClusterMode", node.Name, $"{node} does not run in cluster mode, the only one in which Garnet replicates.", "Restart it with --cluster --aof --recover, and give it all slots with CLUSTER ADDSLOTSRANGE 0 16383.");
        }
    }

    private static async Task<IEnumerable<Finding>> OfSettingsAsync(Node node, RespConnection connection, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, RespValue> settings = (await connection.ExecuteAsync(["CONFIG", "GET", "*"], cancellationToken)).AsMap();
        string Setting(string name) => settings.TryGetValue(name, out RespValue? value) ? value.AsStringOrNull() ?? string.Empty : string.Empty;
        List<Finding> findings = [];
        if (Setting("appendonly") == "no")
        {
            findings.Add(Finding.Refuse("NoLog", node.Name, $"{node} keeps no log, which replication reads.", "Restart it with --aof."));
        }

        if (Setting("aof-physical-sublog-count") is { Length: > 0 } sublogs && sublogs != "1")
        {
            findings.Add(Finding.Refuse("ShardedLog", node.Name, $"{node} keeps its log in {sublogs} parts; its position is then no single number.", "Restart it with --aof-physical-sublog-count 1."));
        }

        return findings;
    }

    private static async Task<IEnumerable<Finding>> OfUsersAsync(Node node, EngineContext context, RespConnection connection, CancellationToken cancellationToken)
    {
        RespValue listed = await connection.SendAsync(["ACL", "LIST"], cancellationToken);
        if (listed.IsError)
        {
            return [Finding.Refuse("NoAcl", node.Name, $"{node} has no ACL ({listed.ErrorCode}), without which its writes cannot be closed.", "Restart it with --auth ACL --acl-file FILE, and name an administrator under 'admin'.")];
        }

        string? path = GarnetAclFile.Locate(node);
        return path is null || await context.Hosts[node.Host].ReadFileAsync(path, cancellationToken) is null
            ? [Finding.Refuse("AclFileMissing", node.Name, $"{node}: there is no ACL file '{path}' that a restart would read, so the fence would not survive one.", "Start it with --acl-file FILE, and name that file as 'aclFile' in the node's settings.")]
            : [];
    }

    private static async Task<IEnumerable<Finding>> OfRoleAsync(Node node, RespConnection connection, CancellationToken cancellationToken)
    {
        GarnetRole role = await GarnetRole.AskAsync(connection, cancellationToken);
        if (role.IsPrimary != (node.Role == NodeRole.Primary))
        {
            return [Finding.Refuse("RoleDiffers", node.Name, $"{node} is a {(role.IsPrimary ? "primary" : "replica")}, but the service file says {node.Role}.", "Correct the service file.")];
        }

        return role.IsPrimary && !await connection.OwnsAllSlotsAsync(cancellationToken)
            ? [Finding.Refuse("SlotsElsewhere", node.Name, $"{node} does not own all {GarnetCluster.Slots} slots.", "Give it all slots: we carry one shard.")]
            : [];
    }

    private static async Task<IEnumerable<Finding>> OfStatisticsAsync(Node node, EngineContext context, RespConnection connection, CancellationToken cancellationToken)
    {
        GarnetInfo statistics = await connection.InfoAsync("commandstats", cancellationToken);
        List<Finding> findings = [];
        if (GarnetStraySessions.ArePossible(statistics))
        {
            findings.Add(Finding.Warn("SessionsAreEnded", node.Name, $"{node} keeps no statistics of commands, or ACL LOAD or ACL DELUSER was used since its start: sessions from before are reached by no rule. So all its clients' connections are ended once inside the window.", "Start Garnet with --commandstats-monitor, and do not use these commands while it runs."));
        }

        if (node.Role == NodeRole.Primary)
        {
            findings.AddRange(OfUnreplicated(node, context, statistics));
            findings.AddRange(await OfLogAsync(node, connection, cancellationToken));
        }

        return findings;
    }

    private static async Task<IEnumerable<Finding>> OfLogAsync(Node node, RespConnection connection, CancellationToken cancellationToken) =>
        await GarnetLog.IsCompleteAsync(connection, cancellationToken)
            ? []
            : [Finding.Warn("LogShortened", node.Name, $"A checkpoint has shortened the log of {node}, so the copy begins with a checkpoint, and Garnet may apply single writes of that moment twice (RPUSH, APPEND; seen in one copy of six under 32 writers).", "Do not skip the verification: the data comparison finds it, and then replication has to be started anew. Best start it when few clients write.")];

    private static IEnumerable<Finding> OfUnreplicated(Node node, EngineContext context, GarnetInfo statistics)
    {
        string names = string.Join(", ", GarnetUnreplicated.Of(node.Version)).ToUpperInvariant();
        if (GarnetUnreplicated.Count(node.Version, statistics) is not { } counts)
        {
            if (!GarnetUnreplicated.AreDeclaredUnused(context.Service))
            {
                yield return Finding.Refuse("StatisticsOff", node.Name, $"Garnet {node.Version} does not carry {names} to replicas rightly, and {node} keeps no statistics that tell whether they are used.", "Start Garnet with --commandstats-monitor, or vouch for it with the setting 'unreplicatedCommands: unused'.");
            }
        }
        else if (counts.Any(count => count.Value > 0))
        {
            string used = string.Join(", ", counts.Where(count => count.Value > 0).Select(count => $"{count.Key.ToUpperInvariant()} ({count.Value})"));
            yield return Finding.Warn("UnreplicatedCommands", node.Name, $"Clients of {node} have used {used} since it started. Garnet {node.Version} does not carry them to replicas rightly: if one is used between the start of replication and the switch, the switch is given up.", "Have clients do without these commands until the switch is done.");
        }
    }
}
