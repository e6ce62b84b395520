using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.Tests.Redis;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.Garnet;

/// <summary>The fence against everything a client can try, on real servers of both versions.</summary>
public sealed class GarnetGateTests(ITestOutputHelper output)
{
    // Every command that COMMAND lists is tried; these would end the session, or be answered more or less than once.
    private static readonly HashSet<string> NotTried = new(StringComparer.OrdinalIgnoreCase)
    {
        "QUIT", "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "MULTI", "EXEC", "HELLO", "ASYNC",

        // A read that Garnet logs, since it may renew the estimate that a HyperLogLog keeps of itself: the log grows and the count stays.
        "PFCOUNT",
    };

    [ServerTheory]
    [ServerData("garnet-2.2.2")]
    [ServerData("garnet-2.2.8")]
    public async Task No_command_of_a_closed_node_changes_data_rights_or_role(string server)
    {
        await using TestBed bed = new(output);
        GarnetScene scene = await StartAsync(bed, server);
        await using TestClient client = await GarnetScene.ClientAsync(scene.BlueNode);
        IReadOnlyList<string> commands = await client.CommandNamesAsync();
        Assert.True(commands.Count > 300);
        await CloseAsync(scene);
        string before = await StateAsync(scene, client);

        foreach (string name in commands.Where(name => !NotTried.Contains(name)))
        {
            foreach (string arguments in new[] { string.Empty, "k", "k 1", "k 1 1", "k 1 1 1", "NO ONE", "default +@all", "0 STABLE" })
            {
                await TryAsync(scene, $"{name.Replace('|', ' ')} {arguments}".TrimEnd());
            }
        }

        Assert.Equal(before, await StateAsync(scene, client));
        Assert.Equal(GateState.Closed, await scene.Engine.Gate.ProbeAsync(scene.BlueNode, scene.Gate, default));
    }

    [ServerTheory]
    [ServerData("garnet-2.2.2")]
    [ServerData("garnet-2.2.8")]
    public async Task It_holds_for_sessions_transactions_scripts_and_users_that_were_there_before(string server)
    {
        await using TestBed bed = new(output);
        GarnetScene scene = await StartAsync(bed, server);
        await using TestClient admin = await GarnetScene.ClientAsync(scene.BlueNode);
        Assert.Equal("OK", await admin.SayAsync("ACL SETUSER narrow on >npw +get +set +info"));
        Assert.Equal("OK", await admin.SayAsync("ACL SETUSER statefuldeploy-evil on >epw +@all"));
        string digest = await admin.CallAsync("SCRIPT", "LOAD", "return redis.call('INCR', KEYS[1])");
        await using TestClient narrow = await GarnetScene.ClientAsync(scene.BlueNode, "narrow", "npw");
        await using TestClient evil = await GarnetScene.ClientAsync(scene.BlueNode, "statefuldeploy-evil", "epw");
        await using TestClient queued = await GarnetScene.ClientAsync(scene.BlueNode);
        Assert.Equal("OK", await queued.SayAsync("MULTI"));
        Assert.Equal("QUEUED", await queued.SayAsync("INCR n"));

        await CloseAsync(scene);

        Assert.StartsWith("NOPERM", await narrow.SayAsync("SET k 2"));
        Assert.Equal("1", await narrow.SayAsync("GET k"));
        Assert.StartsWith("NOPERM", await narrow.SayAsync("KEYS *"));
        Assert.StartsWith("NOPERM", await evil.SayAsync("SET k 2"));
        Assert.StartsWith("NOPERM", await queued.SayAsync("EXEC"));
        Assert.StartsWith("NOPERM", await admin.SayAsync($"EVALSHA {digest} 1 n"));
        Assert.StartsWith("NOPERM", await admin.CallAsync("EVAL", "return redis.call('INCR', KEYS[1])", "1", "n"));
        Assert.StartsWith("NOPERM", await admin.SayAsync("ACL SETUSER default +@all"));
        Assert.Equal("(null)", await admin.SayAsync("GET n"));
        Assert.Contains("garnet_version", await admin.SayAsync("INFO server"), StringComparison.Ordinal);

        await scene.Engine.Gate.OpenAsync(scene.BlueNode, scene.Gate, default);

        Assert.Equal("OK", await narrow.SayAsync("SET k 2"));
        Assert.StartsWith("NOPERM", await narrow.SayAsync("DEL k"));
        Assert.Equal("1", await admin.SayAsync("INCR n"));
        Assert.Equal("OK", await admin.SayAsync("ACL SETUSER late on >lpw +@all"));
        Assert.Equal(GateState.Open, await scene.Engine.Gate.ProbeAsync(scene.BlueNode, scene.Gate, default));
    }

    [ServerTheory]
    [ServerData("garnet-2.2.2")]
    [ServerData("garnet-2.2.8")]
    public async Task A_closed_node_comes_up_closed_and_an_opened_one_open_with_its_data(string server)
    {
        await using TestBed bed = new(output);
        GarnetScene scene = await StartAsync(bed, server);
        await CloseAsync(scene);

        await scene.RestartAsync(scene.BlueNode);
        await using TestClient client = await GarnetScene.ClientAsync(scene.BlueNode);
        Assert.StartsWith("NOPERM", await client.SayAsync("SET k 2"));
        Assert.Equal("1", await client.SayAsync("GET k"));
        Assert.Equal(GateState.Closed, await scene.Engine.Gate.ProbeAsync(scene.BlueNode, scene.Gate, default));

        await scene.Engine.Gate.OpenAsync(scene.BlueNode, scene.Gate, default);
        Assert.Equal("OK", await client.SayAsync("SET k 2"));

        // Garnet acknowledges a write before it is in the log unless it is told to wait.
        await client.SayAsync("COMMITAOF");
        await scene.RestartAsync(scene.BlueNode);
        await using TestClient again = await GarnetScene.ClientAsync(scene.BlueNode);
        Assert.Equal("2", await again.SayAsync("GET k"));
        Assert.Equal("OK", await again.SayAsync("SET k 3"));
    }

    [ServerFact("garnet-2.2.2")]
    public async Task A_prepared_node_still_takes_writes_and_comes_up_closed()
    {
        await using TestBed bed = new(output);
        GarnetScene scene = await StartAsync(bed, "garnet-2.2.2");
        await scene.Engine.Gate.PrepareAsync(scene.BlueNode, scene.Gate, default);
        await scene.Engine.Gate.PrepareAsync(scene.BlueNode, scene.Gate, default);
        await using TestClient client = await GarnetScene.ClientAsync(scene.BlueNode);
        Assert.Equal("OK", await client.SayAsync("SET k 2"));
        Assert.Equal(GateState.Open, await scene.Engine.Gate.ProbeAsync(scene.BlueNode, scene.Gate, default));

        await scene.RestartAsync(scene.BlueNode);
        Assert.Equal(GateState.Closed, await scene.Engine.Gate.ProbeAsync(scene.BlueNode, scene.Gate, default));
        await scene.Engine.Gate.OpenAsync(scene.BlueNode, scene.Gate, default);
        await scene.Engine.Gate.OpenAsync(scene.BlueNode, scene.Gate, default);
        Assert.Equal(GateState.Open, await scene.Engine.Gate.ProbeAsync(scene.BlueNode, scene.Gate, default));
    }

    [ServerTheory]
    [ServerData("garnet-2.2.2", "garnet-2.2.8")]
    [ServerData("garnet-2.2.8", "garnet-2.2.8")]
    public async Task A_blocked_pop_takes_nothing_once_open_writes_were_ended_also_when_its_client_has_gone(string server, string green)
    {
        await using TestBed bed = new(output);
        GarnetScene scene = await StartAsync(bed, server, green);
        await scene.FollowAsync();
        await using TestClient waiting = await GarnetScene.ClientAsync(scene.BlueNode);
        TestClient gone = await GarnetScene.ClientAsync(scene.BlueNode);
        await using TestClient watching = await GarnetScene.ClientAsync(scene.BlueNode);

        // Garnet does not tell who waits; but what was sent in one go is executed in one go.
        Task<string> pop = waiting.SayAllAsync("INCR waiting", "BLPOP queue 0");
        _ = gone.SayAllAsync("INCR waiting", "BLPOP queue 0").ContinueWith(task => _ = task.Exception, TaskScheduler.Default);
        await TestBed.WaitUntilAsync(async () => await watching.SayAsync("GET waiting") == "2", "both wait", TimeSpan.FromSeconds(20));
        await gone.DisposeAsync();

        await CloseAsync(scene);
        await scene.Engine.Switchover.EndOpenWritesAsync(scene.Forward, default);

        Assert.StartsWith("UNBLOCKED", await pop);
        await scene.Engine.Gate.OpenAsync(scene.BlueNode, scene.Gate, default);
        Assert.Equal("1", await waiting.SayAsync("RPUSH queue x"));
        Assert.Equal("1", await waiting.SayAsync("LLEN queue"));
    }

    [ServerTheory]
    [ServerData("garnet-2.2.2", "garnet-2.2.8")]
    [ServerData("garnet-2.2.8", "garnet-2.2.8")]
    public async Task Sessions_that_no_rule_reaches_are_ended(string server, string green)
    {
        await using TestBed bed = new(output);
        GarnetScene scene = await StartAsync(bed, server, green);
        await using TestClient before = await GarnetScene.ClientAsync(scene.BlueNode);
        Assert.Equal("1", await before.SayAsync("GET k"));
        await using (TestClient admin = await GarnetScene.ClientAsync(scene.BlueNode))
        {
            Assert.Equal("OK", await admin.SayAsync("ACL LOAD"));
        }

        IReadOnlyList<Finding> findings = await scene.Engine.Preflight.InspectAsync(scene.Forward, default);
        Assert.Contains(findings, finding => finding.Code == "SessionsAreEnded");
        await scene.FollowAsync();
        await CloseAsync(scene);

        // The hazard itself: this session goes on writing on a node that is closed for everybody else.
        Assert.Equal("OK", await before.SayAsync("SET k 2"));
        await scene.Engine.Switchover.EndOpenWritesAsync(scene.Forward, default);
        await Assert.ThrowsAnyAsync<IOException>(() => before.SayAsync("SET k 3"));
        await using TestClient after = await GarnetScene.ClientAsync(scene.BlueNode);
        Assert.StartsWith("NOPERM", await after.SayAsync("SET k 3"));
        Assert.Equal("2", await after.SayAsync("GET k"));
    }

    // Some commands make Garnet close the connection.
    private static async Task TryAsync(GarnetScene scene, string line)
    {
        await using TestClient client = await GarnetScene.ClientAsync(scene.BlueNode);
        try
        {
            await client.SayAsync(line);
        }
        catch (IOException)
        {
        }
    }

    private static async Task<GarnetScene> StartAsync(TestBed bed, string server, string green = "garnet-2.2.8")
    {
        GarnetScene scene = await GarnetScene.StartAsync(bed, server["garnet-".Length..], green["garnet-".Length..]);
        await using TestClient client = await GarnetScene.ClientAsync(scene.BlueNode);
        Assert.Equal("OK", await client.SayAsync("SET k 1"));
        return scene;
    }

    private static async Task CloseAsync(GarnetScene scene)
    {
        await scene.Engine.Gate.PrepareAsync(scene.BlueNode, scene.Gate, default);
        await scene.Engine.Gate.CloseAsync(scene.BlueNode, scene.Gate, default);
        Assert.Equal(GateState.Closed, await scene.Engine.Gate.ProbeAsync(scene.BlueNode, scene.Gate, default));
    }

    // What may not change: data by the log's end, users, role and slots.
    private static async Task<string> StateAsync(GarnetScene scene, TestClient client)
    {
        NodeStatus status = await scene.Engine.Preflight.ProbeAsync(scene.BlueNode, scene.Forward, default);
        return string.Join('\n', await client.SayAsync("ROLE"), await client.SayAsync("CLUSTER NODES"), await client.SayAsync("DBSIZE"), await client.SayAsync("GET k"), status.Writable);
    }
}
