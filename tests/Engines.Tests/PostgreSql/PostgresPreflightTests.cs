using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.PostgreSql;

/// <summary>What is refused before anything is touched, and that the SQL in the remedy mends it.</summary>
public sealed class PostgresPreflightTests(ITestOutputHelper output)
{
    // What is made, the one finding that it gives, and what mends it.
    private static readonly (string Code, string Make, string Mend)[] Cases =
    [
        ("NoReplicaIdentity", "CREATE TABLE bare (id int)", "ALTER TABLE bare REPLICA IDENTITY FULL"),
        ("UnloggedTables", "CREATE UNLOGGED TABLE quick (id int PRIMARY KEY)", "ALTER TABLE quick SET LOGGED"),
        ("LargeObjects", "SELECT lo_create(0)", "SELECT lo_unlink(oid) FROM pg_largeobject_metadata"),
        ("PreparedTransactions", "BEGIN; INSERT INTO ledger_counter VALUES (1, 1); PREPARE TRANSACTION 'p'", "ROLLBACK PREPARED 'p'"),
        ("TriggersFireOnApply", "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER a BEFORE INSERT ON ledger_counter FOR EACH ROW EXECUTE FUNCTION f(); ALTER TABLE ledger_counter ENABLE ALWAYS TRIGGER a", "ALTER TABLE ledger_counter ENABLE TRIGGER a"),
    ];

    [ServerFact("postgresql-15", "postgresql-17")]
    public async Task It_refuses_what_cannot_be_carried_and_names_what_mends_it()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await PostgresScene.StartAsync(bed);
        Assert.Empty(await scene.RefusalsAsync());
        foreach ((string code, string make, string mend) in Cases)
        {
            await PostgresScene.AskAsync(scene.BlueNode, make);
            Finding finding = Assert.Single(await scene.RefusalsAsync());
            Assert.Equal(code, finding.Code);
            Assert.Contains(mend.Split(' ')[0] + " " + mend.Split(' ')[1], finding.Remedy, StringComparison.OrdinalIgnoreCase);

            await PostgresScene.AskAsync(scene.BlueNode, mend);
            Assert.Empty(await scene.RefusalsAsync());
        }
    }

    [ServerFact("postgresql-15", "postgresql-17")]
    public async Task It_refuses_a_server_without_logical_decoding_or_room_for_it()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await PostgresScene.StartAsync(bed, "wal_level = replica", "max_replication_slots = 1");
        Assert.Equal(["TooFewSlots", "WalLevel"], (await scene.RefusalsAsync()).Select(finding => finding.Code).Order());
    }
}
