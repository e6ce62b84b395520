using System.Globalization;
using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.PostgreSql.Copy;

namespace StatefulDeploy.Engines.PostgreSql.Physical;

/// <summary>
/// The base backup, and its recovery to a point that lies behind the beginning of every slot. Recovery stops right before the first record that begins
/// at the point or later, and a slot that is told to start there leaves out every commit whose record begins before it: each transaction comes by
/// exactly one of the two ways (recovery_target_inclusive and START_REPLICATION in PostgreSQL's documentation).
/// </summary>
internal sealed class PhysicalBackup(EngineContext context, PhysicalPlace place, CopySettings settings, CopyMeter meter)
{
    private const string BackupName = "pg_basebackup";
    private const string ServerName = "recovery";
    private const string Application = PostgresAccess.NamePrefix + "basebackup";
    private const int SmallestRate = 32;
    private const int LargestRate = 1 << 20;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    private readonly PostgresAccess _access = new(context.Service, context.Secrets);

    /// <summary>Takes the backup, or waits for the one under way.</summary>
    public async Task<PhysicalRecord> BackUpAsync(PhysicalRecord record, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection source = await _access.ConnectAsync(context.Source.Writer, PostgresAccount.Control, "copy", cancellationToken);
        if (record.Process is not { } process || (!await place.Host.IsRunningAsync(process, cancellationToken) && await place.ExitCodeAsync(cancellationToken) is null))
        {
            await place.ClearAsync(cancellationToken);
            string sockets = record.Sockets ?? (await place.Program.RunAsync(new HostCommand("mktemp", "-d", "/tmp/sd.XXXXXXXX") { WorkingFolder = "/" }, cancellationToken)).Trim();
            process = await place.StartAsync(BackupName, Backup(), keepExitCode: true, cancellationToken);
            record = await (record with { Process = process, Attempt = record.Attempt + 1, Sockets = sockets }).SaveAsync(context, cancellationToken);
        }

        try
        {
            await place.WaitAsync(BackupName, process, () => MeasureAsync(source, cancellationToken), "ProgramFailed", cancellationToken);
        }
        catch (UpgradeException)
        {
            await (record with { Process = null }).SaveAsync(context, cancellationToken);
            throw;
        }

        // Something must come behind the point, or recovery would wait for it on a source where nobody writes.
        string lsn = await source.ScalarAsync<string>("SELECT pg_current_wal_insert_lsn()::text", cancellationToken) ?? string.Empty;
        await source.RunAsync("SELECT pg_logical_emit_message(true, 'statefuldeploy', '')", cancellationToken);
        meter.Reach(meter.Total);
        return record with { Stage = PhysicalStage.Recover, Process = null, Lsn = lsn };
    }

    /// <summary>Recovers the backup to its point as a server of its own, which is then an ordinary one that was shut down.</summary>
    public async Task<PhysicalRecord> RecoverAsync(PhysicalRecord record, CancellationToken cancellationToken)
    {
        string ready = Path.Combine(place.Folder, "configured");
        if (!await place.ExistsAsync(ready, cancellationToken))
        {
            await ConfigureAsync(record, cancellationToken);
            await place.WriteAsync(ready, string.Empty, cancellationToken);
        }

        for (; !await IsRecoveredAsync("shut down", cancellationToken); await Task.Delay(Look, context.Clock, cancellationToken))
        {
            if (await IsRecoveredAsync("in production", cancellationToken) && record.Process is { } done && await place.Host.IsRunningAsync(done, cancellationToken))
            {
                await place.StopServerAsync(place.Base, cancellationToken);
            }
            else if (record.Process is not { } server)
            {
                await place.EndAllAsync(cancellationToken);
                server = await place.StartAsync(ServerName, new HostCommand(place.Old["postgres"], "-D", place.Base), keepExitCode: false, cancellationToken);
                record = await (record with { Process = server }).SaveAsync(context, cancellationToken);
            }
            else if (!await place.Host.IsRunningAsync(server, cancellationToken) && !await IsRecoveredAsync("shut down", cancellationToken))
            {
                await (record with { Process = null }).SaveAsync(context, cancellationToken);
                throw place.Failed(ServerName, "ended before it had recovered the backup", await place.SaidAsync(ServerName, cancellationToken), "ProgramFailed");
            }
        }

        return record with { Stage = PhysicalStage.Upgrade, Process = null };
    }

    private HostCommand Backup()
    {
        (string connection, IReadOnlyDictionary<string, string?> environment) = _access.ForPrograms(context.Source.Writer, PostgresAccount.Control, "postgres");
        string[] rate = settings.BytesPerSecond is { } most && most >> 10 <= LargestRate ? ["--max-rate", Math.Max(SmallestRate, most >> 10).ToString(CultureInfo.InvariantCulture)] : [];
        return new HostCommand(place.Old["pg_basebackup"], ["-D", place.Base, "-d", connection, "--wal-method=stream", "--checkpoint=fast", "--no-sync", "--no-manifest", .. rate])
        {
            Environment = new Dictionary<string, string?>(environment, StringComparer.Ordinal) { ["PGAPPNAME"] = Application },
        };
    }

    private async Task MeasureAsync(NpgsqlConnection source, CancellationToken cancellationToken) => meter.Reach(await source.ScalarAsync<long>(
        "SELECT coalesce(max(p.backup_streamed), 0)::bigint FROM pg_stat_progress_basebackup p JOIN pg_stat_activity a USING (pid) WHERE a.application_name = $1", cancellationToken, Application));

    // The server takes the signal away when it has become an ordinary one; before, its state is that of the server that was backed up.
    private async Task<bool> IsRecoveredAsync(string state, CancellationToken cancellationToken) =>
        !await place.ExistsAsync(Path.Combine(place.Base, "standby.signal"), cancellationToken) && await place.ControlAsync(place.Old, place.Base, "Database cluster state", cancellationToken) == state;

    // Nobody reaches it but by a socket in a folder of ours, it follows nobody, and it archives nothing.
    private async Task ConfigureAsync(PhysicalRecord record, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection source = await _access.ConnectAsync(context.Source.Writer, PostgresAccount.Control, "copy", cancellationToken);
        string described = await place.RunAsync(new HostCommand(place.Old["postgres"], "--describe-config"), cancellationToken);
        List<string> carried = await PostgresSettings.CarriedAsync(source, described.Split('\n').Select(line => line.Split('\t')[0]).ToHashSet(StringComparer.Ordinal), cancellationToken);
        (string Name, string Value)[] own =
        [
            ("listen_addresses", string.Empty), ("unix_socket_directories", record.Sockets!), ("hba_file", Path.Combine(place.Base, "pg_hba.conf")), ("ident_file", Path.Combine(place.Base, "pg_ident.conf")),
            ("shared_buffers", "128MB"), ("huge_pages", "off"), ("archive_mode", "off"), ("autovacuum", "off"), ("hot_standby", "off"), ("wal_level", "replica"), ("max_logical_replication_workers", "0"), ("synchronous_standby_names", string.Empty),
            ("primary_conninfo", _access.ServerConnection(context.Source.Writer, "postgres") + $" application_name={PostgresAccess.NamePrefix}recovery"),
            ("recovery_target_lsn", record.Lsn!), ("recovery_target_inclusive", "off"), ("recovery_target_action", "promote"), ("recovery_target_timeline", "latest"),
        ];
        (string Name, string Text)[] files =
        [
            ("postgresql.conf", string.Join('\n', [.. carried, .. own.Select(one => PostgresSettings.Line(one.Name, one.Value)), string.Empty])),
            ("postgresql.auto.conf", string.Empty), ("pg_hba.conf", "local all all trust\n"), ("pg_ident.conf", string.Empty), ("standby.signal", string.Empty),
        ];
        foreach ((string name, string text) in files)
        {
            await place.WriteAsync(Path.Combine(place.Base, name), text, cancellationToken);
        }
    }
}
