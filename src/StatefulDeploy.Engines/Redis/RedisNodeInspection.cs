using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>What stands against upgrading one blue node, and what its operator should know.</summary>
internal sealed class RedisNodeInspection(Node node, RedisPair pair, EngineContext context, RedisVersion? target, List<Finding> findings)
{
    // What we do as the administrator: making the control user is what all else rests on.
    private static readonly string[][] Needed =
    [
        ["ACL", "SETUSER", "x"], ["ACL", "LIST"], ["CONFIG", "SET", "repl-diskless-sync-delay", "0"], ["CONFIG", "GET", "*"], ["INFO"], ["CLIENT", "LIST"], ["COMMAND"], ["PSYNC", "?", "-1"], ["REPLCONF", "capa", "psync2"], ["BGSAVE"], ["DUMP", "k"], ["SCAN", "0"],
    ];

    private RespConnection _admin = null!;

    /// <summary>Adds the findings.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        RedisAccess access = new(context.Service, context.Secrets);
        try
        {
            await using RespConnection admin = await access.ConnectAsync(node, RedisAccount.Admin, "probe", cancellationToken);
            _admin = admin;
            RedisInfo info = await admin.InfoAsync("everything", cancellationToken);
            InspectVersion(RedisVersion.Of(info));
            InspectRole(info);
            if (await InspectPrivilegesAsync(cancellationToken))
            {
                await InspectConfigurationAsync(cancellationToken);
                await InspectFailoverAsync(cancellationToken);
                await InspectModulesAsync(cancellationToken);
                await InspectHabitsAsync(info, cancellationToken);
            }

            await InspectClientAsync(access, cancellationToken);
        }
        catch (UpgradeException exception)
        {
            Refuse(exception.ErrorId, exception.Message, exception.RecommendedAction);
        }
        catch (Exception exception) when (exception is RespConnectionException or RespServerException or TimeoutException)
        {
            Refuse("NodeUnreachable", $"{node} stopped answering: {exception.Message}", "Check the server and the account of the service file.");
        }
    }

    private void InspectVersion(RedisVersion version)
    {
        if (version.RdbVersion is null)
        {
            Refuse("UnknownVersion", $"{node} runs {version}, which is not known to this release.", $"Upgrade from one of: {RedisVersion.KnownNames}.");
            return;
        }

        RedisVersion described = RedisVersion.Parse(node.Version, version.Family);
        if (!described.IsSameMinor(version))
        {
            Refuse("VersionDiffers", $"{node} runs {version}; the service file says {node.Version}.", "Correct the version in the service file.");
        }

        if (target is null)
        {
            return;
        }

        if (target.IsOlderThan(version))
        {
            Refuse("TargetOlder", $"Green's {target} is older than {node}'s {version}.", "Choose a newer version for green.");
        }
        else if (!target.CanLoad(version))
        {
            Refuse("SnapshotUnreadable", $"{target} cannot load snapshots of {version}, so green cannot follow {node}.", "Choose a version for green that loads them.");
        }
    }

    private void InspectRole(RedisInfo info)
    {
        if (info.Number("cluster_enabled") == 1)
        {
            Refuse("ClusterMode", $"{node} runs in cluster mode, which this release does not upgrade.", "Upgrade it node by node with the cluster's own means.");
        }

        bool primary = info["role"] == "master";
        if (primary != (node.Role == NodeRole.Primary))
        {
            Refuse("RoleDiffers", $"{node} is a {(primary ? "primary" : "replica")} now; the service file says {node.Role}.", "Correct the roles in the service file.");
        }

        if (!primary && info.Find("master_link_status") != "up")
        {
            Warn("ReplicaLinkDown", $"{node} has no link to its primary.", "Repair the replica, or take it out of the service file and stop it.");
        }

        HashSet<string> known = [.. pair.Source.Nodes.Concat(pair.Target.Nodes).Select(other => other.Endpoint.Port.ToString())];
        foreach (IReadOnlyDictionary<string, string> replica in info.Replicas().Where(replica => !known.Contains(replica["port"])))
        {
            Refuse("UndescribedReplica", $"{replica["ip"]}:{replica["port"]} follows {node} and is not in the service file: it would stay open for writes if somebody promoted it.", "Describe it as a replica, or detach it.");
        }
    }

    private async Task<bool> InspectPrivilegesAsync(CancellationToken cancellationToken)
    {
        string user = (await _admin.ExecuteAsync(["ACL", "WHOAMI"], cancellationToken)).AsString();
        IReadOnlyList<RespValue> answers = await _admin.PipelineAsync([.. Needed.Select(words => Dryrun(user, words))], cancellationToken);
        string[] missing = [.. Needed.Where((_, i) => answers[i].IsError || answers[i].AsString() != "OK").Select(words => string.Join(' ', words.Take(2)))];
        if (missing.Length > 0)
        {
            Refuse("AdminLacksPrivilege", $"{node}: the administrator '{user}' may not run {string.Join(", ", missing)}.", "Name an account with +@all on all keys and channels under 'admin'.");
        }

        return missing.Length == 0;
    }

    private async Task InspectConfigurationAsync(CancellationToken cancellationToken)
    {
        RedisConfigFile file = await RedisConfigFile.FindAsync(node, _admin, context.Hosts[node.Host], cancellationToken);
        string text = await file.ReadAsync(cancellationToken);
        if (RedisConfigText.Values(text, "rename-command").Count > 0)
        {
            Refuse("CommandsRenamed", $"{file.Path} renames commands, so green would not understand {node}'s stream.", "Replace rename-command by ACL rules, and restart.");
        }

        string acl = await _admin.SettingAsync("aclfile", cancellationToken) ?? string.Empty;
        if (acl.Length > 0 && RedisConfigText.Values(text, "aclfile").Count == 0)
        {
            Refuse("AclFileElsewhere", $"{node} has its ACL file from the command line or an included file, so closing it would not survive a restart.", $"Write 'aclfile {acl}' into {file.Path} itself.");
        }

        foreach (string included in RedisConfigText.Values(text, "include"))
        {
            string inner = await context.Hosts[node.Host].ReadFileAsync(included, cancellationToken) ?? string.Empty;
            if (RedisConfigText.Values(inner, "user").Count + RedisConfigText.Values(inner, "aclfile").Count > 0)
            {
                Refuse("UsersIncluded", $"{included}, which {file.Path} includes, defines users: closing {node} could not replace them.", $"Move these lines into {file.Path}.");
            }
        }

        if (RedisCarriedSettings.NotCarried(text) is { Count: > 0 } left)
        {
            Warn("SettingsNotCarried", $"{file.Path} sets what green is not given: {string.Join(", ", left)}.", "Give them under 'settings' of 'green' where green needs them.");
        }
    }

    private async Task InspectFailoverAsync(CancellationToken cancellationToken)
    {
        RespValue subscribers = await _admin.ExecuteAsync(["PUBSUB", "NUMSUB", "__sentinel__:hello"], cancellationToken);
        if (subscribers.Items[1].AsInt64() > 0 || (await _admin.ClientsAsync(cancellationToken)).Any(client => client.GetValueOrDefault("name", string.Empty).StartsWith("sentinel-", StringComparison.Ordinal)))
        {
            Refuse("SentinelWatches", $"A Sentinel watches {node}: it could promote another node in the middle of the switch.", "Let the Sentinels forget it for the time of the upgrade: SENTINEL REMOVE <name>.");
        }
    }

    private async Task InspectModulesAsync(CancellationToken cancellationToken)
    {
        RespValue modules = await _admin.ExecuteAsync(["MODULE", "LIST"], cancellationToken);
        string[] loaded = [.. modules.Items.Select(module => module.AsMap()).Where(module => module.GetValueOrDefault("path")?.AsString().Length > 0).Select(module => module["name"].AsString())];
        if (loaded.Length > 0)
        {
            Refuse("ModulesLoaded", $"{node} has loaded modules ({string.Join(", ", loaded)}), whose data this release does not carry.", "Upgrade this service by its modules' own means.");
        }
    }

    private async Task InspectHabitsAsync(RedisInfo info, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, string> settings = await _admin.SettingsAsync("*", cancellationToken);
        if (node.Role == NodeRole.Replica && settings.GetValueOrDefault("replica-read-only") == "no")
        {
            Refuse("ReplicaWritable", $"{node} is a replica that takes writes (replica-read-only no): they are in no stream and would be lost.", "Set replica-read-only yes.");
        }

        if (settings.GetValueOrDefault("maxmemory-policy") != "noeviction" && settings.GetValueOrDefault("maxmemory") != "0")
        {
            findings.Add(Finding.Inform("Eviction", node.Name, $"{node} evicts keys by itself ({settings["maxmemory-policy"]}): what it evicts is gone on green as well."));
        }

        if (info.Number("number_of_cached_scripts") > 0)
        {
            Warn("ScriptCache", $"{node} has {info.Number("number_of_cached_scripts")} cached scripts, which replication does not carry: EVALSHA is answered NOSCRIPT on green until a client sends EVAL.", "Clients that use EVALSHA must fall back to EVAL, as after any restart.");
        }

        long limit = ReplicaBufferLimit(settings.GetValueOrDefault("client-output-buffer-limit", string.Empty));
        if (node.Role == NodeRole.Primary && limit > 0 && limit < info.Number("used_memory") / 10)
        {
            Warn("OutputBufferSmall", $"{node} drops a replica that is more than {limit >> 20} MiB behind (client-output-buffer-limit): under many writes the first copy of {info.Number("used_memory") >> 20} MiB may begin again and again.", "Raise the limit for replicas for the time of the upgrade.");
        }

        int replicas = pair.Target.Replicas.Count();
        if (node.Role == NodeRole.Primary && int.TryParse(settings.GetValueOrDefault("min-replicas-to-write"), out int least) && least > replicas)
        {
            Refuse("TooFewGreenReplicas", $"{node} demands {least} replicas for a write, and green is planned with {replicas}.", "Plan as many green replicas, or set min-replicas-to-write under 'settings' of 'green'.");
        }
    }

    // Classes of four words each: name, hard limit in bytes, soft limit, seconds.
    private static long ReplicaBufferLimit(string limits)
    {
        string[] words = limits.Split(' ');
        int at = Array.FindIndex(words, word => word is "slave" or "replica");
        return at >= 0 && long.TryParse(words[at + 1], out long bytes) ? bytes : 0;
    }

    private async Task InspectClientAsync(RedisAccess access, CancellationToken cancellationToken)
    {
        await using RespConnection client = await access.ConnectAsync(node, RedisAccount.Client, "probe", cancellationToken);
        string user = (await _admin.ExecuteAsync(["ACL", "WHOAMI"], cancellationToken)).AsString();
        if (context.Service.Client is not null)
        {
            user = context.Service.Client.User ?? "default";
        }

        RespValue answer = await _admin.SendAsync(Dryrun(user, [.. RedisFence.ProbeWrite.Select(word => System.Text.Encoding.UTF8.GetString(word.Bytes.Span))]), cancellationToken);
        if (answer.IsError || answer.AsString() != "OK")
        {
            Refuse("ProbeMayNotWrite", $"{node}: '{user}' may not SET the key {{statefuldeploy}}:probe, so the write probe would prove nothing.", "Name an account under 'client' that may run SET on all keys, or allow it ~{statefuldeploy}:*.");
        }
    }

    private static RespCommand Dryrun(string user, string[] words) =>
        RespCommand.Create([.. new RespArgument[] { "ACL", "DRYRUN", user }, .. words.Select(word => (RespArgument)word)]);

    private void Refuse(string code, string message, string remedy) => findings.Add(Finding.Refuse(code, node.Name, message, remedy));

    private void Warn(string code, string message, string remedy) => findings.Add(Finding.Warn(code, node.Name, message, remedy));
}
