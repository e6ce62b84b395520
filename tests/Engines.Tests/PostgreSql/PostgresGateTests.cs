using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.PostgreSql;

/// <summary>What a closed node keeps out: everybody, whatever session he has.</summary>
public sealed class PostgresGateTests(ITestOutputHelper output)
{
    // The session of each, and what it tries once the node is closed.
    private static readonly (string User, string Sql)[] Attempts =
    [
        ("app", "EXECUTE w(2)"),
        ("postgres", "INSERT INTO t VALUES (3)"),
        ("app", "SELECT nextval('s')"),
        ("postgres", "COMMIT PREPARED 'p'"),
        ("app", "CREATE TABLE u (id int)"),
        ("postgres", "SELECT lo_create(0)"),
        ("postgres", "SET default_transaction_read_only = off; ALTER SYSTEM RESET ALL; SELECT pg_reload_conf(); INSERT INTO t VALUES (4)"),
        ("app", "FETCH c"),
        ("app", "COMMIT"),
        ("app", "SELECT 1"),
    ];

    [ServerFact("postgresql-15", "postgresql-17")]
    public async Task A_session_from_before_can_do_nothing_any_more()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await PostgresScene.StartAsync(bed);
        await PostgresScene.AskAsync(scene.BlueNode, "CREATE TABLE t (id int PRIMARY KEY); CREATE SEQUENCE s; ALTER TABLE t OWNER TO app; ALTER SEQUENCE s OWNER TO app");
        await PostgresScene.AskAsync(scene.BlueNode, "BEGIN; INSERT INTO t VALUES (100); PREPARE TRANSACTION 'p'");
        List<NpgsqlConnection> sessions = [];
        foreach ((string user, string sql) in Attempts)
        {
            sessions.Add(await PostgresScene.ClientAsync(scene.BlueNode, user: user));
            await PostgresScene.AskAsync(sessions[^1], "PREPARE w(int) AS INSERT INTO t VALUES ($1); SELECT pg_advisory_lock(" + sessions.Count + ")");
            if (sql is "COMMIT" or "FETCH c")
            {
                await PostgresScene.AskAsync(sessions[^1], $"BEGIN; INSERT INTO t VALUES ({sessions.Count}); DECLARE c CURSOR FOR SELECT id FROM t FOR UPDATE");
            }
        }

        await scene.Engine.Gate.PrepareAsync(scene.BlueNode, scene.Gate, default);
        await scene.Engine.Gate.CloseAsync(scene.BlueNode, scene.Gate, default);

        foreach (((_, string sql), NpgsqlConnection session) in Attempts.Zip(sessions))
        {
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => PostgresScene.AskAsync(session, sql));
            await session.DisposeAsync();
        }

        foreach (string who in new[] { "app", "postgres" })
        {
            PostgresException refused = await Assert.ThrowsAsync<PostgresException>(() => PostgresScene.ClientAsync(scene.BlueNode, user: who));
            Assert.Equal(PostgresErrorCodes.InvalidAuthorizationSpecification, refused.SqlState);
        }

        Assert.Equal(GateState.Closed, await scene.Engine.Gate.ProbeAsync(scene.BlueNode, scene.Gate, default));
        await scene.Engine.Gate.OpenAsync(scene.BlueNode, scene.Gate, default);
        Assert.Equal(GateState.Open, await scene.Engine.Gate.ProbeAsync(scene.BlueNode, scene.Gate, default));
        Assert.Equal(0L, await PostgresScene.AskAsync(scene.BlueNode, "SELECT count(*) FROM t"));
        Assert.Equal(1L, await PostgresScene.AskAsync(scene.BlueNode, "SELECT nextval('s')"));
        await PostgresScene.AskAsync(scene.BlueNode, "ROLLBACK PREPARED 'p'");
    }

    [ServerFact("postgresql-15", "postgresql-17")]
    public async Task A_transaction_that_ends_within_the_grace_time_is_committed_and_counts()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await PostgresScene.StartAsync(bed);
        scene.Service = scene.Service with { Limits = scene.Service.Limits with { TransactionGrace = TimeSpan.FromSeconds(30) } };
        await using NpgsqlConnection session = await PostgresScene.ClientAsync(scene.BlueNode);
        await PostgresScene.AskAsync(session, "CREATE TABLE t (id int PRIMARY KEY)");
        await PostgresScene.AskAsync(session, "BEGIN; INSERT INTO t VALUES (1)");
        await scene.Engine.Gate.PrepareAsync(scene.BlueNode, scene.Gate, default);

        Task closing = scene.Engine.Gate.CloseAsync(scene.BlueNode, scene.Gate, default);
        await TestBed.WaitUntilAsync(() => IsKeptOutAsync(scene), "nobody new is let in", TimeSpan.FromSeconds(20));
        Assert.False(closing.IsCompleted);
        await PostgresScene.AskAsync(session, "COMMIT");
        await closing;

        Assert.Equal(GateState.Closed, await scene.Engine.Gate.ProbeAsync(scene.BlueNode, scene.Gate, default));
        await scene.Engine.Gate.OpenAsync(scene.BlueNode, scene.Gate, default);
        Assert.Equal(1L, await PostgresScene.AskAsync(scene.BlueNode, "SELECT count(*) FROM t"));
    }

    [ServerFact("postgresql-15", "postgresql-17")]
    public async Task A_closed_node_stays_closed_over_a_crash_and_a_restart()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await PostgresScene.StartAsync(bed);
        await scene.Engine.Gate.PrepareAsync(scene.BlueNode, scene.Gate, default);
        await scene.Engine.Gate.CloseAsync(scene.BlueNode, scene.Gate, default);

        await scene.Blue.CrashAsync();
        Assert.Equal(GateState.Unreachable, await scene.Engine.Gate.ProbeAsync(scene.BlueNode, scene.Gate, default));
        await scene.Blue.StartAsync();
        await TestBed.WaitUntilAsync(async () => await scene.Engine.Gate.ProbeAsync(scene.BlueNode, scene.Gate, default) == GateState.Closed, "it is closed", TimeSpan.FromSeconds(30));

        await scene.Engine.Gate.OpenAsync(scene.BlueNode, scene.Gate, default);
        await PostgresScene.AskAsync(scene.BlueNode, "SELECT 1");
        await scene.Blue.RestartAsync();
        await PostgresScene.AskAsync(scene.BlueNode, "SELECT 1");
    }

    [ServerFact("postgresql-15", "postgresql-17")]
    public async Task A_prepared_node_that_restarts_comes_up_closed()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await PostgresScene.StartAsync(bed);
        await scene.Engine.Gate.PrepareAsync(scene.BlueNode, scene.Gate, default);
        await PostgresScene.AskAsync(scene.BlueNode, "SELECT 1");

        await scene.Blue.RestartAsync();

        await Assert.ThrowsAsync<PostgresException>(() => PostgresScene.ClientAsync(scene.BlueNode, "postgres", "postgres"));
    }

    [ServerFact("postgresql-15", "postgresql-17")]
    public async Task A_login_that_had_begun_before_the_fence_does_not_get_in_behind_it()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await PostgresScene.StartAsync(bed);
        await scene.Engine.Gate.PrepareAsync(scene.BlueNode, scene.Gate, default);
        using System.Net.Sockets.TcpClient slow = new("127.0.0.1", scene.Blue.Port);
        byte[] hello = [0, 0, 0, 38, 0, 3, 0, 0, .. "user\0postgres\0database\0app\0\0"u8];
        hello[3] = (byte)hello.Length;
        await slow.GetStream().WriteAsync(hello);
        byte[] challenge = new byte[1];
        Assert.Equal(1, await slow.GetStream().ReadAsync(challenge));

        await scene.Engine.Gate.CloseAsync(scene.BlueNode, scene.Gate, default);

        // Its process is gone: what is left to read ends.
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
        try
        {
            while (await slow.GetStream().ReadAsync(new byte[1024], patience.Token) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Ended with what it had not read.
        }

        await scene.Engine.Gate.OpenAsync(scene.BlueNode, scene.Gate, default);
    }

    private static async Task<bool> IsKeptOutAsync(PostgresScene scene)
    {
        try
        {
            await using NpgsqlConnection session = await PostgresScene.ClientAsync(scene.BlueNode);
            return false;
        }
        catch (NpgsqlException)
        {
            return true;
        }
    }
}
