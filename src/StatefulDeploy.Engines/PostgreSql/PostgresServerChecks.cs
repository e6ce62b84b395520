using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>What is asked of the server as a whole.</summary>
internal static class PostgresServerChecks
{
    /// <summary>The questions.</summary>
    public static IReadOnlyList<PostgresCheck> All { get; } =
    [
        new(
            FindingSeverity.Refuse, "PreparedTransactions", "SELECT quote_literal(gid) FROM pg_prepared_xacts ORDER BY 1",
            "transaction(s) are prepared: logical replication has nothing of them before they are committed", "ROLLBACK PREPARED {0};", "Or COMMIT PREPARED, in the database that SELECT gid, database FROM pg_prepared_xacts names."),
        new(
            FindingSeverity.Refuse, "FailoverManager", "SELECT DISTINCT application_name FROM pg_stat_activity WHERE application_name ~* '^(patroni|repmgr|pg_auto_failover|stolon)' ORDER BY 1",
            "session(s) of a failover manager are there: it would undo the fence (it writes pg_hba.conf itself) or make a second writer in the window", "Pause it and end its sessions for the time of the upgrade (patronictl pause, then stop Patroni on this node: the server goes on); set it up anew on green after the switch."),
        new(
            FindingSeverity.Refuse, "SubscribesToOthers", "SELECT quote_ident(s.subname) || ' in ' || d.datname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE s.subenabled AND s.subname NOT LIKE 'statefuldeploy_to_%' ORDER BY 1",
            "subscription(s) apply changes from elsewhere, which no fence keeps from writing and which green would not have", "ALTER SUBSCRIPTION … DISABLE; and make it anew on green after the switch."),
        new(
            FindingSeverity.Warning, "SlotsLeftBehind", "SELECT slot_name::text FROM pg_replication_slots WHERE slot_type = 'logical' AND slot_name NOT LIKE 'statefuldeploy_to_%' AND NOT temporary ORDER BY 1",
            "logical slot(s) of others end with blue", "Point their subscribers at green after the switch; they start from a new copy."),
        new(
            FindingSeverity.Warning, "StandbysLeftBehind", "SELECT application_name || ' at ' || coalesce(host(client_addr), 'this host') FROM pg_stat_replication r WHERE NOT EXISTS (SELECT FROM pg_replication_slots s WHERE s.active_pid = r.pid AND s.slot_type = 'logical') AND application_name NOT LIKE 'statefuldeploy%' ORDER BY 1",
            "physical standby(s) follow blue and are not carried; reads that go to them would stay on blue's data", "Make green's standbys after the switch, and point readers there."),
        new(
            FindingSeverity.Warning, "DatabasesLeftBehind", "SELECT quote_ident(datname) FROM pg_database WHERE NOT datallowconn AND NOT datistemplate ORDER BY 1",
            "database(s) allow no connections and are not carried", "ALTER DATABASE {0} ALLOW_CONNECTIONS true;", "Or drop them."),
        new(
            FindingSeverity.Warning, "LongTransactions", "SELECT pid::text || ' of ' || usename FROM pg_stat_activity WHERE xact_start < now() - interval '1 minute' AND backend_type = 'client backend' ORDER BY xact_start",
            "transaction(s) are open for more than a minute; a slot is made only when they have ended, and the fence ends them", "SELECT pid, usename, xact_start, query FROM pg_stat_activity WHERE xact_start < now() - interval '1 minute';"),
    ];
}
