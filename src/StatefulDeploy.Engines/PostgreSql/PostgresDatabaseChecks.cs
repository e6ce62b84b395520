using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>What is asked of every database.</summary>
internal static class PostgresDatabaseChecks
{
    private const string Users = "n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'statefuldeploy')";

    // A permanent table that holds rows.
    private const string Tables = $"pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND {Users}";

    // The columns by which the target finds a row.
    private const string Identity = "i.indrelid = c.oid AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE false END";

    private const string NotOfExtension = "NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '{0}'::regclass AND e.objid = {1} AND e.deptype = 'e')";

    private static readonly string OwnFunctions = NotOfExtension.Replace("{0}", "pg_proc", StringComparison.Ordinal).Replace("{1}", "p.oid", StringComparison.Ordinal);

    private static readonly string OwnTriggers = NotOfExtension.Replace("{0}", "pg_event_trigger", StringComparison.Ordinal).Replace("{1}", "t.oid", StringComparison.Ordinal);

    /// <summary>The libraries that functions written in C, other than those of extensions, are in.</summary>
    public static readonly string Libraries = $"SELECT DISTINCT p.probin FROM pg_proc p WHERE p.probin IS NOT NULL AND p.oid >= 16384 AND {OwnFunctions} ORDER BY 1";

    /// <summary>The questions.</summary>
    public static IReadOnlyList<PostgresCheck> All { get; } =
    [
        new(
            FindingSeverity.Refuse, "NoReplicaIdentity",
            $"SELECT c.oid::regclass::text FROM {Tables} AND c.relreplident <> 'f' AND NOT EXISTS (SELECT FROM pg_index i WHERE {Identity}) ORDER BY 1",
            "table(s) have no primary key or replica identity, so their updates and deletes would be refused as soon as they are published",
            "ALTER TABLE {0} REPLICA IDENTITY FULL;", "Or better, add a primary key."),
        new(
            FindingSeverity.Refuse, "IdentityGenerated",
            $"SELECT c.oid::regclass::text FROM {Tables} AND EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey) WHERE {Identity} AND a.attgenerated <> '') ORDER BY 1",
            "table(s) have a generated column in their key, which is not sent to the target, so it could not find the rows",
            "ALTER TABLE {0} REPLICA IDENTITY USING INDEX …;", "The index is a unique one of ordinary columns that are NOT NULL; or, without one: REPLICA IDENTITY FULL."),
        new(
            FindingSeverity.Refuse, "IdentityNotComparable",
            $"""
            SELECT c.oid::regclass::text FROM {Tables} AND c.relreplident = 'f' AND EXISTS (
                SELECT FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND coalesce(b.typname, t.typname) IN ('json', 'xml', 'point', 'line', 'lseg', 'box', 'path', 'polygon', 'circle')) ORDER BY 1
            """,
            "table(s) are identified by whole rows and have a column of a type that cannot be compared, such as json, so the target could not find the rows",
            "ALTER TABLE {0} ADD PRIMARY KEY (…); ALTER TABLE {0} REPLICA IDENTITY DEFAULT;"),
        new(
            FindingSeverity.Refuse, "UnloggedTables",
            $"SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND c.relpersistence = 'u' AND {Users} ORDER BY 1",
            "unlogged table(s) are not carried", "ALTER TABLE {0} SET LOGGED;", "Or drop them."),
        new(
            FindingSeverity.Refuse, "LargeObjects", "SELECT oid::text FROM pg_largeobject_metadata ORDER BY oid",
            "large object(s) are not carried", "Move them into columns of type bytea: UPDATE … SET content = lo_get(id); then SELECT lo_unlink(oid) FROM pg_largeobject_metadata;"),
        new(
            FindingSeverity.Refuse, "TriggersFireOnApply",
            $"SELECT t.tgname || ' on ' || c.oid::regclass::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND t.tgenabled IN ('A', 'R') AND {Users} ORDER BY 1",
            "trigger(s) would fire on green too while it follows, and apply their effect twice", "ALTER TABLE … ENABLE TRIGGER …; (instead of ENABLE ALWAYS or REPLICA) until the upgrade has ended."),
        new(
            FindingSeverity.Refuse, "FailoverExtension", "SELECT quote_ident(extname) FROM pg_extension WHERE extname IN ('repmgr', 'pgautofailover', 'pg_auto_failover') ORDER BY 1",
            "extension(s) of a failover manager are in use: a failover in the window would make a second writer", "Stop its daemons, then DROP EXTENSION {0}; and set it up anew on green after the switch."),
        new(
            FindingSeverity.Warning, "ForeignTables",
            $"SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'f' AND {Users} ORDER BY 1",
            "foreign table(s) are carried as definitions; their rows stay where they are, and green's host must reach that place as blue's does",
            "SELECT srvname, srvoptions FROM pg_foreign_server; and try the way there from green's host."),
        new(
            FindingSeverity.Warning, "PublicationsLeftBehind", "SELECT quote_ident(pubname) FROM pg_publication WHERE pubname <> 'statefuldeploy' ORDER BY 1",
            "publication(s) of others are not carried", "SELECT * FROM pg_publication_tables WHERE pubname = '{0}';", "Make them on green after the switch, and point their subscribers there."),
        new(
            FindingSeverity.Warning, "EventTriggers", $"SELECT quote_ident(t.evtname) FROM pg_event_trigger t WHERE t.evtenabled <> 'D' AND t.evtname NOT LIKE 'statefuldeploy%' AND {OwnTriggers} ORDER BY 1",
            "event trigger(s) see the statements of the upgrade too (a publication and a schema of ours here, all of the schema on green), and could refuse or change them", "ALTER EVENT TRIGGER {0} DISABLE;", "Enable it again on both sides when replication has started."),
        new(
            FindingSeverity.Warning, "DdlInFlight",
            $"""
            SELECT DISTINCT l.pid || ' on ' || c.oid::regclass::text FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.mode IN ('AccessExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock') AND l.pid <> pg_backend_pid() AND {Users} ORDER BY 1
            """,
            "session(s) change the schema or lock a whole table at this moment, and keep the upgrade from starting until they end", "SELECT pid, usename, query FROM pg_stat_activity WHERE pid IN (SELECT pid FROM pg_locks WHERE mode = 'AccessExclusiveLock'); and wait for them."),
        new(
            FindingSeverity.Warning, "CollationChanged",
            """
            SELECT 'database' FROM pg_database WHERE datname = current_database() AND datcollversion <> pg_database_collation_actual_version(oid)
            UNION ALL SELECT c.oid::regcollation::text FROM pg_collation c
            WHERE c.collversion IS NOT NULL AND EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_collation'::regclass AND d.refobjid = c.oid) AND c.collversion <> pg_collation_actual_version(c.oid)
            """,
            "collation(s) have another version than when their indexes were made: indexes over text may be out of order already, and answer wrongly", "REINDEX DATABASE; then ALTER DATABASE … REFRESH COLLATION VERSION; and ALTER COLLATION … REFRESH VERSION;"),
        new(
            FindingSeverity.Info, "PartitionsFrozen",
            $"SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'p' AND {Users} ORDER BY 1",
            "partitioned table(s) can get no new partition while the schema is frozen; have those made beforehand that will be needed", string.Empty),
        new(
            FindingSeverity.Info, "TablespacesNotCarried", "SELECT DISTINCT quote_ident(s.spcname) FROM pg_class c JOIN pg_tablespace s ON s.oid = c.reltablespace WHERE s.spcname !~ '^pg_' ORDER BY 1",
            "tablespace(s) are not carried: green keeps all in its data directory", string.Empty),
    ];
}
