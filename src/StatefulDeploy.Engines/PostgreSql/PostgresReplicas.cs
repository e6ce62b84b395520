using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>The physical replicas of a cluster: whether they follow their primary, and have what it has.</summary>
internal static class PostgresReplicas
{
    private const string Follows = "SELECT pg_is_in_recovery() AND EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming')";

    /// <summary>How many physical standbys follow a server at this moment.</summary>
    public const string Standbys = "SELECT count(*) FROM pg_stat_replication r WHERE NOT EXISTS (SELECT FROM pg_replication_slots s WHERE s.active_pid = r.pid AND s.slot_type = 'logical') AND application_name NOT LIKE 'statefuldeploy%'";

    private const string Flushed = """
        SELECT count(*) FROM pg_stat_replication r WHERE r.flush_lsn >= $1::pg_lsn
        AND NOT EXISTS (SELECT FROM pg_replication_slots s WHERE s.active_pid = r.pid AND s.slot_type = 'logical')
        """;

    private static readonly TimeSpan Within = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>Proves, before a window, that every replica of the target follows and has what its primary had at the beginning of the asking.</summary>
    /// <exception cref="UpgradeException">One does not, within a minute.</exception>
    public static async Task EnsureHealthyAsync(EngineContext context, CancellationToken cancellationToken)
    {
        PostgresAccess access = new(context.Service, context.Secrets);
        foreach (Node replica in context.Target.Nodes.Where(node => node.Role == NodeRole.Replica))
        {
            string lsn;
            await using (NpgsqlConnection primary = await access.ConnectAsync(context.Target.Writer, PostgresAccount.Control, "replicas", cancellationToken))
            {
                lsn = await primary.ScalarAsync<string>("SELECT pg_current_wal_lsn()::text", cancellationToken) ?? string.Empty;
            }

            string last = string.Empty;
            for (long start = context.Clock.GetTimestamp(); (last = await WhyNotAsync(replica, lsn, access, cancellationToken)).Length > 0; await Task.Delay(Look, context.Clock, cancellationToken))
            {
                if (context.Clock.GetElapsedTime(start) > Within)
                {
                    throw new UpgradeException(
                        "ReplicaNotFollowing", $"{replica} does not follow {context.Target.Writer}: {last}.", $"Read its log and mend it; or undo the upgrade and describe {context.Target.Colour} without it.", FailureCategory.WrongState) { Target = replica.Name };
                }
            }
        }
    }

    /// <summary>Waits, in the window, until as many replicas of the target as its data class asks for have on disk what the primary has now.</summary>
    public static async Task DrainAsync(NpgsqlConnection primary, EngineContext context, CancellationToken cancellationToken)
    {
        int wanted = Math.Min(context.Service.DataClass.HotReplicas, context.Target.Nodes.Count(node => node.Role == NodeRole.Replica));
        if (wanted == 0)
        {
            return;
        }

        string lsn = await primary.ScalarAsync<string>("SELECT pg_current_wal_flush_lsn()::text", cancellationToken) ?? string.Empty;
        while (await primary.ScalarAsync<long>(Flushed, cancellationToken, lsn) < wanted)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), context.Clock, cancellationToken);
        }
    }

    /// <summary>What stands against the replicas that the service file describes of the source.</summary>
    public static async Task InspectAsync(EngineContext context, List<Finding> findings, CancellationToken cancellationToken)
    {
        PostgresAccess access = new(context.Service, context.Secrets);
        string system;
        await using (NpgsqlConnection primary = await access.ConnectAnyAsync(context.Source.Writer, "preflight", cancellationToken))
        {
            system = await SystemAsync(primary, cancellationToken);
        }

        foreach (Node node in context.Source.Nodes.Where(node => node.Role == NodeRole.Replica))
        {
            await using NpgsqlConnection replica = await access.ConnectAnyAsync(node, "preflight", cancellationToken);
            if (await SystemAsync(replica, cancellationToken) != system || !await replica.ScalarAsync<bool>("SELECT pg_is_in_recovery()", cancellationToken))
            {
                findings.Add(Finding.Refuse("NotItsReplica", node.ToString(), $"The service file describes it as a replica of {context.Source.Writer}, and it is none.", "Correct 'nodes' in the service file."));
            }
            else if (!await replica.ScalarAsync<bool>(Follows, cancellationToken))
            {
                findings.Add(Finding.Warn("ReplicaNotFollowing", node.ToString(), $"It does not stream from {context.Source.Writer} at this moment, so a way back would have no replica.", "SELECT * FROM pg_stat_wal_receiver; there, and read its log."));
            }

            if (await context.Hosts[node.Host].ReadFileAsync(await replica.SettingAsync("hba_file", cancellationToken), cancellationToken) is null)
            {
                findings.Add(Finding.Refuse("HbaFileMissing", node.ToString(), "The server's pg_hba.conf is not on the host that the node is described with, so it could not be closed.", "Describe the node with its own host."));
            }
        }
    }

    /// <summary>By what a server and its replicas are known.</summary>
    public static async Task<string> SystemAsync(NpgsqlConnection server, CancellationToken cancellationToken) =>
        await server.ScalarAsync<string>("SELECT system_identifier::text FROM pg_control_system()", cancellationToken) ?? string.Empty;

    // Why a replica has not come so far; empty when it has.
    private static async Task<string> WhyNotAsync(Node replica, string lsn, PostgresAccess access, CancellationToken cancellationToken)
    {
        try
        {
            await using NpgsqlConnection server = await access.ConnectAsync(replica, PostgresAccount.Control, "replicas", cancellationToken);
            return !await server.ScalarAsync<bool>(Follows, cancellationToken) ? "it receives no stream"
                : !await server.ScalarAsync<bool>("SELECT coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, false)", cancellationToken, lsn) ? $"it has not come to {lsn}"
                : string.Empty;
        }
        catch (UpgradeException exception) when (exception.Category is FailureCategory.Unreachable or FailureCategory.AccessDenied)
        {
            return exception.Message;
        }
    }
}
