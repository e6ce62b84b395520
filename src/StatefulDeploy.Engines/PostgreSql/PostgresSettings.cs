using System.Globalization;
using Npgsql;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>The settings of a green server: blue's that were set by its owner, and those that replication and the place need.</summary>
internal static class PostgresSettings
{
    private const int Slots = 64;

    // Places, addresses, logs and who follows whom are a server's own.
    private static readonly string[] NotCarried =
    [
        "data_directory", "hba_file", "ident_file", "config_file", "external_pid_file", "port", "listen_addresses", "unix_socket_directories", "stats_temp_directory",
        "cluster_name", "logging_collector", "log_directory", "log_filename", "primary_conninfo", "primary_slot_name", "recovery_target_timeline", "restore_command",
        "archive_mode", "archive_command", "archive_library", "synchronous_standby_names", "ssl_cert_file", "ssl_key_file", "ssl_ca_file", "ssl_crl_file", "ssl",
        "wal_level", "max_replication_slots", "max_wal_senders", "max_logical_replication_workers", "max_worker_processes", "wal_retrieve_retry_interval",
        "max_sync_workers_per_subscription", "max_slot_wal_keep_size", "event_triggers",
    ];

    /// <summary>Blue's settings from its files that the new server knows.</summary>
    public static Task<List<string>> CarriedAsync(NpgsqlConnection blue, IReadOnlySet<string> known, CancellationToken cancellationToken) => CarryAsync(blue, known, cancellationToken);

    /// <summary>What a green server needs.</summary>
    public static IEnumerable<string> Own(Node node, string listen) =>
    [
        Line("listen_addresses", listen),
        Line("port", node.Endpoint.Port.ToString(CultureInfo.InvariantCulture)),
        Line("unix_socket_directories", string.Empty),
        Line("hba_file", $"{node.DataDirectory}/pg_hba.conf"),
        Line("ident_file", $"{node.DataDirectory}/pg_ident.conf"),
        Line("wal_level", "logical"),
        Line("max_replication_slots", Slots.ToString(CultureInfo.InvariantCulture)),
        Line("max_wal_senders", Slots.ToString(CultureInfo.InvariantCulture)),
        Line("max_logical_replication_workers", "32"),
        Line("max_worker_processes", "40"),
        Line("wal_retrieve_retry_interval", "500ms"),
    ];

    /// <summary>A line of a configuration file.</summary>
    public static string Line(string name, string value) => $"{name} = '{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";

    private static async Task<List<string>> CarryAsync(NpgsqlConnection blue, IReadOnlySet<string> known, CancellationToken cancellationToken)
    {
        List<(string Name, string Value)> set = await blue.ListAsync(
            "SELECT name::text, current_setting(name)::text FROM pg_settings WHERE source = 'configuration file' ORDER BY name",
            row => (row.GetString(0), row.GetString(1)), cancellationToken);
        return [.. set.Where(pair => !NotCarried.Contains(pair.Name, StringComparer.OrdinalIgnoreCase) && (known.Contains(pair.Name) || pair.Name.Contains('.', StringComparison.Ordinal))).Select(pair => Line(pair.Name, pair.Value))];
    }
}
