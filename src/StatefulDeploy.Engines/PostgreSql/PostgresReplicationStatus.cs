using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.PostgreSql.Copy;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>How far a target has followed: over all databases, the worst of them.</summary>
internal static class PostgresReplicationStatus
{
    // Each try is counted once: what fails again and again does not mend itself.
    private const long TriesAllowed = 3;
    private const int Looks = 12;

    private const string Failures = """
        SELECT t.apply_error_count + t.sync_error_count, (SELECT pid FROM pg_stat_subscription w WHERE w.subid = s.oid AND w.relid IS NULL LIMIT 1)
        FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid JOIN pg_stat_subscription_stats t ON t.subid = s.oid WHERE s.subname = $1 AND d.datname = current_database()
        """;

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(300);

    private const string OfSource = """
        SELECT s.wal_status::text, s.active, (pg_current_wal_lsn() - r.replay_lsn)::bigint, EXTRACT(epoch FROM r.replay_lag)::float8
        FROM pg_replication_slots s LEFT JOIN pg_stat_replication r ON r.pid = s.active_pid WHERE s.slot_name = $1
        """;

    // A subscription is known in the whole server, and ours have one name in all databases: its own number tells them apart.
    private const string OfTarget = """
        SELECT (SELECT count(*) FROM pg_subscription_rel WHERE srsubid = s.oid),
            (SELECT count(*) FROM pg_subscription_rel WHERE srsubid = s.oid AND srsubstate = 'r'),
            (SELECT coalesce(sum(pg_table_size(srrelid)), 0)::bigint FROM pg_subscription_rel WHERE srsubid = s.oid AND srsubstate IN ('r', 's', 'f')),
            (SELECT pid FROM pg_stat_subscription WHERE subid = s.oid AND relid IS NULL LIMIT 1),
            (SELECT apply_error_count + sync_error_count FROM pg_stat_subscription_stats WHERE subid = s.oid)
        FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE s.subname = $1 AND d.datname = current_database()
        """;

    /// <summary>Asks both servers.</summary>
    /// <exception cref="UpgradeException">One cannot be asked.</exception>
    public static async Task<ReplicationStatus> ReadAsync(ReplicationStatus status, EngineContext context, CancellationToken cancellationToken)
    {
        CopyState? copy = context.IsReverse ? null : await CopyProcess.StateAsync(context, cancellationToken);
        if (copy?.Stage is { Length: > 0 })
        {
            return await OfPhysicalAsync(status, copy, context, cancellationToken);
        }

        PostgresAccess access = new(context.Service, context.Secrets);
        await using NpgsqlConnection source = await access.ConnectAsync(context.Source.Writer, PostgresAccount.Control, "status", cancellationToken);
        await using NpgsqlConnection target = await access.ConnectAsync(context.Target.Writer, PostgresAccount.Control, "status", cancellationToken);
        bool copies = copy is not null && await CopyProcess.RunsAsync(context, cancellationToken);
        List<ReplicationStatus> all = [];
        foreach (string database in await source.TextsAsync(PostgresNames.Databases, cancellationToken))
        {
            ReplicationStatus one = await ReadAsync(status, database, source, target, access, context, cancellationToken);
            all.Add(one.State == ReplicationState.Broken ? one : await WithCopyAsync(one, database, copy, copies, access, context, cancellationToken));
        }

        ReplicationState[] order = [ReplicationState.Broken, ReplicationState.None, ReplicationState.Copying, ReplicationState.Streaming];
        return status with
        {
            State = all.Select(one => one.State).DefaultIfEmpty(ReplicationState.None).MinBy(state => Array.IndexOf(order, state)),
            LagBytes = all.Any(one => one.LagBytes is null) ? null : all.Max(one => one.LagBytes),
            LagTime = all.Any(one => one.LagTime is null) ? null : all.Max(one => one.LagTime),
            CopiedBytes = copies ? copy!.CopiedBytes : all.Sum(one => one.CopiedBytes),
            TotalBytes = copies ? copy!.TotalBytes : await source.ScalarAsync<long>("SELECT sum(pg_database_size(datname))::bigint FROM pg_database WHERE datallowconn AND NOT datistemplate", cancellationToken),
            Message = string.Join(' ', all.Select(one => one.Message).Where(message => message.Length > 0)),
        };
    }

    /// <summary>Whether the subscription of a database has failed too often to be waited for, and no worker of it stays: one that only lost its connection for a while does.</summary>
    public static async Task<bool> HasFailedAsync(NpgsqlConnection target, EngineContext context, CancellationToken cancellationToken)
    {
        int? stayed = null;
        for (int same = 0, look = 0; look < Looks; look++)
        {
            (long errors, int? worker) = (await target.ListAsync(Failures, row => (row.GetInt64(0), row.IsDBNull(1) ? (int?)null : row.GetInt32(1)), cancellationToken, PostgresNames.Subscription(context.Target.Colour))).FirstOrDefault();
            same = worker is not null && worker == stayed ? same + 1 : 0;
            stayed = worker;
            if (errors < TriesAllowed || same >= Looks / 2)
            {
                return false;
            }

            await Task.Delay(LookAgain, context.Clock, cancellationToken);
        }

        return true;
    }

    private static async Task<ReplicationStatus> ReadAsync(ReplicationStatus status, string database, NpgsqlConnection source, NpgsqlConnection server, PostgresAccess access, EngineContext context, CancellationToken cancellationToken)
    {
        PostgresSubscription subscription = new(context, database);
        if (await subscription.FindAsync(server, cancellationToken) is not { } enabled)
        {
            return status with { State = ReplicationState.None, Message = $"Database '{database}' is not followed." };
        }

        await using NpgsqlConnection target = await access.ConnectAsync(context.Target.Writer, PostgresAccount.Control, "status", cancellationToken, database);
        (string? Kept, bool Active, long? Lag, double? Seconds)? slot = (await source.ListAsync(
            OfSource, row => ((string?, bool, long?, double?)?)(row.IsDBNull(0) ? null : row.GetString(0), row.GetBoolean(1), row.IsDBNull(2) ? null : row.GetInt64(2), row.IsDBNull(3) ? null : row.GetDouble(3)), cancellationToken, subscription.Slot)).FirstOrDefault();
        (long tables, long ready, long bytes, bool works, long errors) = (await target.ListAsync(
            OfTarget, row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), !row.IsDBNull(3), row.IsDBNull(4) ? 0 : row.GetInt64(4)), cancellationToken, PostgresNames.Subscription(context.Target.Colour)))[0];

        // The server measures it from what the target has confirmed, and forgets it when there is nothing to send.
        TimeSpan? age = slot is { Seconds: { } seconds } ? TimeSpan.FromSeconds(seconds) : slot is { Lag: 0 } ? TimeSpan.Zero : null;
        status = status with { CopiedBytes = bytes, LagBytes = slot?.Lag, LagTime = age };
        if (slot is null || slot.Value.Kept is null or "lost" || !enabled)
        {
            return status with { State = ReplicationState.Broken, Message = $"Database '{database}': {(slot?.Kept is null or "lost" ? $"the slot {subscription.Slot} {Lost(slot?.Kept)}" : "the subscription stands still")}." };
        }

        if (!works && errors >= TriesAllowed)
        {
            return status with { State = ReplicationState.Broken, Message = $"Database '{database}': the target fails to apply a change again and again: {await WhyAsync(server, context, cancellationToken)}. Somebody has written to {context.Target.Colour}, or changed a schema; when replication is started again, the database is copied anew" };
        }

        bool streams = works && slot.Value.Active && ready == tables && slot.Value.Lag is not null;
        return status with
        {
            State = streams ? ReplicationState.Streaming : ReplicationState.Copying,
            Message = works || errors == 0 ? string.Empty : $"Database '{database}': the target has failed {errors} time(s) to copy or apply: {await WhyAsync(server, context, cancellationToken)}.",
        };
    }

    // The target is another server before, and none for a moment: it is not asked.
    private static async Task<ReplicationStatus> OfPhysicalAsync(ReplicationStatus status, CopyState copy, EngineContext context, CancellationToken cancellationToken)
    {
        status = status with { CopiedBytes = copy.CopiedBytes, TotalBytes = copy.TotalBytes };
        return await CopyProcess.RunsAsync(context, cancellationToken)
            ? status with { State = ReplicationState.Copying }
            : status with { State = ReplicationState.Broken, Message = $"The physical copy has ended in {copy.Stage}, and goes on when replication is started again: {await WhyEndedAsync(copy, context, cancellationToken)}" };
    }

    private static async Task<string> WhyEndedAsync(CopyState copy, EngineContext context, CancellationToken cancellationToken) =>
        copy.Failure.Length > 0 ? copy.Failure : await CopyProcess.LastWordsAsync(context, cancellationToken) is { Length: > 0 } words ? words : "its process is gone";

    // As long as our own copy has not done all, its database is not there, even if it follows already.
    private static async Task<ReplicationStatus> WithCopyAsync(ReplicationStatus status, string database, CopyState? copy, bool copies, PostgresAccess access, EngineContext context, CancellationToken cancellationToken)
    {
        if (copy is null || (status.State != ReplicationState.None && !await IsUnfinishedAsync(database, access, context, cancellationToken)))
        {
            return status;
        }

        if (copies)
        {
            return status with { State = ReplicationState.Copying, Message = string.Empty };
        }

        return status with { State = ReplicationState.Broken, Message = $"Database '{database}': the copy has ended before it was done, and goes on when replication is started again: {await WhyEndedAsync(copy, context, cancellationToken)}" };
    }

    private static async Task<bool> IsUnfinishedAsync(string database, PostgresAccess access, EngineContext context, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection target = await access.ConnectAsync(context.Target.Writer, PostgresAccount.Control, "status", cancellationToken, database);
        return await CopyRecord.IsThereAsync(target, cancellationToken);
    }

    private static string Lost(string? kept) => kept == "lost"
        ? "was taken away by max_slot_wal_keep_size: what the target had not read yet is gone, and it is copied anew when replication is started again"
        : "is gone; the database is copied anew when replication is started again";

    private static async Task<string> WhyAsync(NpgsqlConnection server, EngineContext context, CancellationToken cancellationToken) =>
        await PostgresApplyError.FindAsync(context.Target.Writer, server, context.Hosts[context.Target.Writer.Host], cancellationToken) ?? "its log tells why";
}
