using Npgsql;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.PostgreSql;

/// <summary>What is found before anything is touched, and that the SQL in the remedy mends it.</summary>
public sealed class PostgresPreflightTests(ITestOutputHelper output)
{
    // The finding, what makes it, what mends it, and what of that the remedy names.
    private static readonly (string Code, FindingSeverity Severity, string Make, string Mend, string Named)[] Cases =
    [
        ("NoReplicaIdentity", FindingSeverity.Refuse, "CREATE TABLE bare (id int)", "ALTER TABLE bare REPLICA IDENTITY FULL", "ALTER TABLE bare REPLICA IDENTITY FULL;"),
        ("NoReplicaIdentity", FindingSeverity.Refuse, "CREATE TABLE \"Ünï \"\"q\"\" t\" (id int)", "ALTER TABLE \"Ünï \"\"q\"\" t\" ADD PRIMARY KEY (id)", "ALTER TABLE \"Ünï \"\"q\"\" t\" REPLICA IDENTITY FULL;"),
        ("NoReplicaIdentity", FindingSeverity.Refuse, "CREATE TABLE quiet (id int PRIMARY KEY); ALTER TABLE quiet REPLICA IDENTITY NOTHING", "ALTER TABLE quiet REPLICA IDENTITY DEFAULT", "ALTER TABLE quiet"),
        ("IdentityGenerated", FindingSeverity.Refuse, "CREATE TABLE made (a int NOT NULL UNIQUE, b int GENERATED ALWAYS AS (a + 1) STORED PRIMARY KEY)", "ALTER TABLE made REPLICA IDENTITY USING INDEX made_a_key", "ALTER TABLE made REPLICA IDENTITY USING INDEX"),
        ("IdentityNotComparable", FindingSeverity.Refuse, "CREATE TABLE doc (body json); ALTER TABLE doc REPLICA IDENTITY FULL", "ALTER TABLE doc ADD id serial PRIMARY KEY; ALTER TABLE doc REPLICA IDENTITY DEFAULT", "ALTER TABLE doc REPLICA IDENTITY DEFAULT"),
        ("UnloggedTables", FindingSeverity.Refuse, "CREATE UNLOGGED TABLE quick (id int PRIMARY KEY)", "ALTER TABLE quick SET LOGGED", "ALTER TABLE quick SET LOGGED"),
        ("LargeObjects", FindingSeverity.Refuse, "SELECT lo_create(0)", "SELECT lo_unlink(oid) FROM pg_largeobject_metadata", "SELECT lo_unlink(oid) FROM pg_largeobject_metadata"),
        ("PreparedTransactions", FindingSeverity.Refuse, "BEGIN; INSERT INTO ledger_counter VALUES (1, 1); PREPARE TRANSACTION 'p'", "ROLLBACK PREPARED 'p'", "ROLLBACK PREPARED 'p'"),
        ("TriggersFireOnApply", FindingSeverity.Refuse, "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER a BEFORE INSERT ON ledger_counter FOR EACH ROW EXECUTE FUNCTION f(); ALTER TABLE ledger_counter ENABLE ALWAYS TRIGGER a", "ALTER TABLE ledger_counter ENABLE TRIGGER a", "ENABLE TRIGGER"),
        ("ExtensionMissing", FindingSeverity.Refuse, "CREATE EXTENSION adminpack", "DROP EXTENSION adminpack", "DROP EXTENSION \"adminpack\""),
        ("ExtensionOlder", FindingSeverity.Refuse, "UPDATE pg_extension SET extversion = '1.10' WHERE extname = 'plpgsql'", "UPDATE pg_extension SET extversion = '1.0' WHERE extname = 'plpgsql'", "Install plpgsql 1.10"),
        ("LibraryMissing", FindingSeverity.Refuse, "CREATE FUNCTION old(text, text) RETURNS bool AS '$libdir/adminpack', 'pg_file_sync' LANGUAGE C", "DROP FUNCTION old", "DROP FUNCTION"),
        ("ForeignTables", FindingSeverity.Warning, "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER far FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE away (id int) SERVER far", "DROP SERVER far CASCADE", "pg_foreign_server"),
        ("PublicationsLeftBehind", FindingSeverity.Warning, "CREATE PUBLICATION theirs FOR TABLE ledger_counter", "DROP PUBLICATION theirs", "pubname = 'theirs'"),
        ("EventTriggers", FindingSeverity.Warning, "CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION e()", "ALTER EVENT TRIGGER watch DISABLE", "ALTER EVENT TRIGGER watch DISABLE"),
        ("CollationChanged", FindingSeverity.Warning, "CREATE COLLATION k (provider = icu, locale = 'en'); CREATE TABLE worded (id text COLLATE k PRIMARY KEY); UPDATE pg_collation SET collversion = '0' WHERE collname = 'k'", "ALTER COLLATION k REFRESH VERSION", "REFRESH VERSION"),
        ("SlotsLeftBehind", FindingSeverity.Warning, "SELECT pg_create_logical_replication_slot('theirs', 'pgoutput')", "SELECT pg_drop_replication_slot('theirs')", "subscribers"),
        ("DatabasesLeftBehind", FindingSeverity.Warning, "UPDATE pg_database SET datallowconn = false, datistemplate = false WHERE datname = 'template0'", "UPDATE pg_database SET datallowconn = false, datistemplate = true WHERE datname = 'template0'", "ALTER DATABASE template0 ALLOW_CONNECTIONS true"),
        ("SlotMayBeDropped", FindingSeverity.Warning, "ALTER SYSTEM SET max_slot_wal_keep_size = '1GB'", "ALTER SYSTEM SET max_slot_wal_keep_size = -1", "ALTER SYSTEM SET max_slot_wal_keep_size = -1"),
        ("PartitionsFrozen", FindingSeverity.Info, "CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id)", "DROP TABLE parts", ""),
    ];

    [ServerFact("postgresql-15", "postgresql-17")]
    public async Task It_finds_what_is_not_carried_and_names_what_mends_it()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await PostgresScene.StartAsync(bed);
        Assert.Empty(await scene.FindingsAsync());
        List<string> wrong = [];
        foreach ((string code, FindingSeverity severity, string make, string mend, string named) in Cases)
        {
            await RunAsync(scene, make);
            IReadOnlyList<Finding> found = await scene.FindingsAsync();
            await RunAsync(scene, mend);
            if (found.Count != 1 || (found[0].Code, found[0].Severity) != (code, severity) || !found[0].Remedy.Contains(named, StringComparison.Ordinal))
            {
                wrong.Add($"{code}: {string.Join(" and ", found)}");
            }

            wrong.AddRange((await scene.FindingsAsync()).Select(finding => $"after {mend}: {finding}"));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [ServerFact("postgresql-15", "postgresql-17")]
    public async Task It_finds_sessions_that_are_in_the_way()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await PostgresScene.StartAsync(bed);
        await using NpgsqlConnection session = await PostgresScene.ClientAsync(scene.BlueNode, user: "postgres");
        await PostgresScene.AskAsync(session, "SET application_name = 'Patroni heartbeat'");
        Assert.Equal(["FailoverManager"], (await scene.FindingsAsync()).Select(finding => finding.Code));
        await PostgresScene.AskAsync(session, "SET application_name = 'psql'");
        await PostgresScene.AskAsync(session, "BEGIN; ALTER TABLE ledger_counter ADD note text");
        Assert.Equal(["DdlInFlight"], (await scene.FindingsAsync()).Select(finding => finding.Code));
        await PostgresScene.AskAsync(session, "ROLLBACK");
        Assert.Empty(await scene.FindingsAsync());
    }

    [ServerFact("postgresql-15", "postgresql-17")]
    public async Task It_refuses_a_server_without_logical_decoding_or_room_for_it()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await PostgresScene.StartAsync(bed, "wal_level = replica", "max_replication_slots = 1");
        Assert.Equal(["TooFewSlots", "WalLevel"], (await scene.RefusalsAsync()).Select(finding => finding.Code).Order());
    }

    // A statement a transaction: some of these may not be in one with others.
    private static async Task RunAsync(PostgresScene scene, string sql)
    {
        await PostgresScene.AskAsync(scene.BlueNode, sql);
        if (sql.StartsWith("ALTER SYSTEM", StringComparison.Ordinal))
        {
            await PostgresScene.AskAsync(scene.BlueNode, "SELECT pg_reload_conf()");
        }
    }
}
