using System.Globalization;
using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.PostgreSql.Copy;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>What stands against carrying a cluster: asked of the server as a whole.</summary>
internal static class PostgresInspection
{
    private const int OldestMajor = 15;

    private const string ForeignWorkers = """
        SELECT DISTINCT backend_type FROM pg_stat_activity WHERE backend_type NOT IN ('client backend', 'walsender', 'checkpointer', 'background writer', 'walwriter', 'startup', 'archiver',
        'autovacuum launcher', 'autovacuum worker', 'logical replication launcher', 'logical replication worker', 'logical replication apply worker', 'logical replication tablesync worker',
        'logical replication parallel worker', 'parallel worker', 'walsummarizer', 'slotsync worker', 'io worker', 'walreceiver')
        """;

    /// <summary>Asks; never throws for a node that cannot be reached.</summary>
    public static async Task InspectAsync(EngineContext context, List<Finding> findings, CancellationToken cancellationToken)
    {
        Node blue = context.Source.Writer;
        if (context.Source.Shards.Count != 1)
        {
            findings.Add(Finding.Refuse("OnePrimaryOnly", context.Service.Name, "This engine carries one primary, with any number of physical replicas.", "Describe one shard; a primary that is another one's shard is a service of its own."));
            return;
        }

        try
        {
            PostgresAccess access = new(context.Service, context.Secrets);
            await using NpgsqlConnection admin = await access.ConnectAsync(blue, PostgresAccount.Admin, "preflight", cancellationToken);
            await InspectServerAsync(admin, blue, context, findings, cancellationToken);
            await PostgresReplicas.InspectAsync(context, findings, cancellationToken);
            await InspectClientAsync(access, blue, findings, cancellationToken);
            if (!context.Hosts[context.Target.Writer.Host].Exists)
            {
                // What green's machine must have is asked when it is made.
                return;
            }

            PostgresSoftware software = await InspectTargetAsync(admin, context, findings, cancellationToken);
            foreach (string database in await admin.TextsAsync(PostgresNames.Databases, cancellationToken))
            {
                await using NpgsqlConnection connection = await access.ConnectAsync(blue, PostgresAccount.Admin, "preflight", cancellationToken, database);
                await PostgresDatabaseInspection.InspectAsync(connection, database, software, context.Hosts[context.Target.Writer.Host], findings, cancellationToken);
            }
        }
        catch (UpgradeException exception)
        {
            findings.Add(Finding.Refuse(exception.ErrorId, blue.ToString(), exception.Message, exception.RecommendedAction));
        }
    }

    private static async Task InspectServerAsync(NpgsqlConnection admin, Node blue, EngineContext context, List<Finding> findings, CancellationToken cancellationToken)
    {
        void Refuse(string code, string message, string remedy) => findings.Add(Finding.Refuse(code, blue.ToString(), message, remedy));

        int major = int.Parse(await admin.SettingAsync("server_version_num", cancellationToken), CultureInfo.InvariantCulture) / 10_000;
        if (major != PostgresSoftware.MajorOf(context.Source.Version))
        {
            Refuse("VersionDiffers", $"The server is version {major}, and the service file says {context.Source.Version}.", "Correct 'version' in the service file.");
        }

        if (major < OldestMajor || PostgresSoftware.MajorOf(context.Target.Version) < major)
        {
            Refuse("VersionUnsupported", $"From {major} to {context.Target.Version} is not supported: both must be {OldestMajor} or later, and the new one not older.", "Choose another version.");
        }

        if (await admin.ScalarAsync<bool>("SELECT pg_is_in_recovery()", cancellationToken))
        {
            Refuse("NotPrimary", "The node is a standby.", "Name the primary.");
        }

        if (!await admin.ScalarAsync<bool>("SELECT rolsuper FROM pg_roles WHERE rolname = current_user", cancellationToken))
        {
            Refuse("AdminLacksPrivilege", "The administrator of the service file is no superuser, and only one can make subscriptions and end the sessions of superusers.", "Name a superuser under 'admin'; or: ALTER ROLE … SUPERUSER;");
        }

        if (await admin.SettingAsync("wal_level", cancellationToken) is not "logical" and var level)
        {
            Refuse("WalLevel", $"wal_level is {level}; logical replication needs 'logical'.", "ALTER SYSTEM SET wal_level = 'logical'; then restart the server.");
        }

        await InspectRoomAsync(admin, findings, blue, cancellationToken);
        foreach (PostgresCheck check in PostgresServerChecks.All)
        {
            // Those that the service file describes are carried: green has its own, and they end with blue.
            if (check.Judge(await admin.TextsAsync(check.Query, cancellationToken), blue.ToString()) is { } finding
                && (check.Code != "StandbysLeftBehind" || await admin.ScalarAsync<long>(PostgresReplicas.Standbys, cancellationToken) > context.Source.Nodes.Count(node => node.Role == NodeRole.Replica)))
            {
                findings.Add(finding);
            }
        }

        foreach (string type in await admin.TextsAsync(ForeignWorkers, cancellationToken))
        {
            Refuse("BackgroundWriter", $"A background worker of an extension runs ('{type}'): it needs no session, so the fence cannot keep it from writing.", "Stop it for the time of the upgrade: take its library out of shared_preload_libraries and restart.");
        }

        if (await admin.SettingAsync("max_slot_wal_keep_size", cancellationToken) is not ("-1" or "") and var keep)
        {
            findings.Add(Finding.Warn("SlotMayBeDropped", blue.ToString(), $"max_slot_wal_keep_size is {keep}: a slot that falls further behind is invalidated, and the copy begins anew.", "ALTER SYSTEM SET max_slot_wal_keep_size = -1; SELECT pg_reload_conf(); and watch the disk."));
        }

        if (await context.Hosts[blue.Host].ReadFileAsync(await admin.SettingAsync("hba_file", cancellationToken), cancellationToken) is null)
        {
            Refuse("HbaFileMissing", "The server's pg_hba.conf is not on the host that the node is described with, so it could not be closed.", "Describe the node with its own host.");
        }
    }

    private static async Task InspectRoomAsync(NpgsqlConnection admin, List<Finding> findings, Node blue, CancellationToken cancellationToken)
    {
        long databases = (await admin.TextsAsync(PostgresNames.Databases, cancellationToken)).Count;
        long perSubscription = 1 + await admin.ScalarAsync<long>("SELECT current_setting('max_sync_workers_per_subscription')::bigint", cancellationToken);
        long needed = databases + perSubscription;
        (string Setting, string Used)[] rooms =
        [
            ("max_replication_slots", "SELECT count(*) FROM pg_replication_slots WHERE slot_name NOT LIKE 'statefuldeploy_to_%'"),
            ("max_wal_senders", "SELECT count(*) FROM pg_stat_replication WHERE application_name NOT LIKE 'statefuldeploy%'"),
            ("max_logical_replication_workers", "SELECT 0::bigint"),
            ("max_worker_processes", "SELECT 1::bigint"),
        ];
        foreach ((string setting, string used) in rooms)
        {
            long room = long.Parse(await admin.SettingAsync(setting, cancellationToken), CultureInfo.InvariantCulture) - await admin.ScalarAsync<long>(used, cancellationToken);
            long least = setting.EndsWith("workers", StringComparison.Ordinal) || setting == "max_worker_processes" ? databases : needed;
            if (room < least)
            {
                findings.Add(Finding.Refuse("TooFewSlots", blue.ToString(), $"{setting} leaves room for {room}; {databases} database(s) need {least}.", $"ALTER SYSTEM SET {setting} = {long.Parse(await admin.SettingAsync(setting, cancellationToken), CultureInfo.InvariantCulture) + least - room}; then restart the server."));
            }
        }
    }

    private static async Task InspectClientAsync(PostgresAccess access, Node blue, List<Finding> findings, CancellationToken cancellationToken)
    {
        try
        {
            await using NpgsqlConnection client = await access.ConnectAsync(blue, PostgresAccount.Client, "preflight", cancellationToken);
        }
        catch (UpgradeException exception)
        {
            findings.Add(Finding.Refuse("ClientRefused", blue.ToString(), $"The write probe needs an ordinary client's account and database: {exception.Message}", "Name one under 'client', and its database under settings.database."));
        }
    }

    private static async Task<PostgresSoftware> InspectTargetAsync(NpgsqlConnection admin, EngineContext context, List<Finding> findings, CancellationToken cancellationToken)
    {
        Node green = context.Target.Writer;
        IHost host = context.Hosts[green.Host];
        PostgresSoftware software = await PostgresSoftware.FindAsync(context.Service, green.Version, host, cancellationToken);
        string data = await admin.SettingAsync("data_directory", cancellationToken);
        PostgresProgram program = await PostgresProgram.LikeOwnerOfAsync(data, context.Source.Writer, green, context.Hosts, cancellationToken);
        if ((await host.RunAsync(program.Wrap(new HostCommand(software["postgres"], "--version") { WorkingFolder = "/" }), cancellationToken)).ExitCode != 0)
        {
            findings.Add(Finding.Refuse("SoftwareNotUsable", green.ToString(), $"The user that owns {data} may not run {software["postgres"]}.", "Put the software where that user can reach it."));
        }

        if (context.Service.TlsCaFile is not null && (green.Host != "local" || context.Source.Writer.Host != "local"))
        {
            findings.Add(Finding.Refuse("TlsOnOtherHosts", green.ToString(), "The servers reach each other by TLS with the authority's file of this machine, which other hosts do not have.", "Upgrade it on the machine of the servers, where all nodes are 'host: local'."));
        }

        long size = await admin.ScalarAsync<long>("SELECT coalesce(sum(pg_database_size(oid)), 0)::bigint FROM pg_database", cancellationToken);
        HostCapacity capacity = await host.MeasureAsync(green.DataDirectory ?? "/", cancellationToken);
        if (capacity.FreeDiskBytes < size * 2)
        {
            findings.Add(Finding.Refuse("DiskTooSmall", green.ToString(), $"{capacity.FreeDiskBytes:N0} bytes are free where green's data goes; {size:N0} bytes of data need twice as much with their write-ahead log.", "Give green another 'dataRoot', or make room."));
        }

        foreach (Node replica in context.Target.Nodes.Where(node => node.Role == NodeRole.Replica))
        {
            await PostgresSoftware.FindAsync(context.Service, replica.Version, context.Hosts[replica.Host], cancellationToken);
            long room = (await context.Hosts[replica.Host].MeasureAsync(replica.DataDirectory ?? "/", cancellationToken)).FreeDiskBytes;
            if (room < size * 2)
            {
                findings.Add(Finding.Refuse("DiskTooSmall", replica.ToString(), $"{room:N0} bytes are free where its data goes; {size:N0} bytes of data need twice as much with their write-ahead log.", "Give it another data directory, or make room."));
            }
        }

        await InspectCopyAsync(context, size, findings, cancellationToken);
        await InspectCapacityAsync(context, size, capacity, data, findings, cancellationToken);
        return software;
    }

    private static async Task InspectCopyAsync(EngineContext context, long size, List<Finding> findings, CancellationToken cancellationToken)
    {
        string green = context.Target.Writer.ToString();
        CopyChoice choice = await CopyChoice.MakeAsync(context, size, cancellationToken);
        findings.Add(choice.IsRefused
            ? Finding.Refuse("PhysicalCopyImpossible", green, $"Green cannot be filled by a base backup, as {CopySettings.WaySetting} says: {string.Join("; ", choice.Obstacles)}.", $"Mend that, or settings: {{ {CopySettings.WaySetting}: logical }}.")
            : Finding.Inform("InitialCopy", green, choice.Explain(CopySettings.Of(context.Service), size)));
    }

    // Blue keeps what green has not read yet, at worst for as long as the copy takes; a smaller green is a slower one.
    private static async Task InspectCapacityAsync(EngineContext context, long size, HostCapacity green, string data, List<Finding> findings, CancellationToken cancellationToken)
    {
        Node writer = context.Source.Writer;
        HostCapacity blue = await context.Hosts[writer.Host].MeasureAsync(data, cancellationToken);
        if (blue.FreeDiskBytes < size / 4)
        {
            findings.Add(Finding.Warn("DiskForSlots", writer.ToString(), $"{blue.FreeDiskBytes:N0} bytes are free where blue's data is; its slots keep the write-ahead log of the whole copy of {size:N0} bytes.", "Make room; or upgrade when there are few writes, and watch: SELECT slot_name, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) FROM pg_replication_slots;"));
        }

        if (context.Target.Writer.Host != writer.Host && (green.Processors < blue.Processors || green.FreeMemoryBytes < blue.FreeMemoryBytes / 2))
        {
            findings.Add(Finding.Warn("GreenSmaller", context.Target.Writer.ToString(), $"Its host has {green.Processors} processors and {green.FreeMemoryBytes:N0} bytes of free memory; blue's has {blue.Processors} and {blue.FreeMemoryBytes:N0}.", "Give green at least what blue has."));
        }
    }
}
