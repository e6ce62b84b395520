using StatefulDeploy.Engines.Redis.Relay;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.Redis;

/// <summary>The relay between a newer green and an older blue, on real servers.</summary>
public sealed class RedisRelayTests(ITestOutputHelper output)
{
    private static readonly string[] Durable = ["appendonly yes", "appendfsync always"];

    [ServerTheory]
    [ServerData("redis-7.0", "redis-8.0")]
    [ServerData("redis-7.0", "valkey-8.1")]
    public async Task Blue_gets_every_kind_of_change_and_keeps_its_fence(string from, string to)
    {
        await using TestBed bed = new(output);
        await using RelayScene relayed = await RelayScene.StartAsync(bed, from, to, Durable);
        await using TestClient green = await RedisScene.ClientAsync(relayed.Scene.GreenNode);
        foreach (string line in Lines())
        {
            Assert.DoesNotContain("ERR", await green.SayAsync(line));
        }

        await green.CallAsync("EVAL", "redis.call('SET','e1',ARGV[1]) redis.call('INCR','e2')", "0", "a b\r\nc");
        await green.CallAsync("FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f',function(k,a) return 1 end)");
        await relayed.CaughtUpAsync();

        await using TestClient blue = await RedisScene.ClientAsync(relayed.Scene.BlueNode);
        Assert.Equal("2", await blue.SayAsync("GET c"));
        Assert.Equal("xy", await blue.SayAsync("GET ap"));
        Assert.Equal("b a", await blue.SayAsync("LRANGE l 0 -1"));
        Assert.Equal("a b\r\nc", await blue.SayAsync("GET e1"));
        Assert.Equal("(null)", await blue.SayAsync("GET gone"));
        Assert.InRange(long.Parse(await blue.SayAsync("PTTL ttl")), 90_000, 100_000);
        Assert.Contains("f", await blue.SayAsync("FUNCTION LIST"));
        Assert.Equal("OK", await blue.SayAsync("SELECT 5"));
        Assert.Equal("3", await blue.SayAsync("GET five"));
        Assert.StartsWith("NOPERM", await blue.SayAsync("SET a 1"));
        Assert.StartsWith("slave", await blue.SayAsync("ROLE"));
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task A_key_whose_life_is_prolonged_in_the_last_moment_lives_on_blue_too()
    {
        await using TestBed bed = new(output);
        await using RelayScene relayed = await RelayScene.StartAsync(bed, "redis-7.0", "redis-8.0", Durable);
        await using TestClient green = await RedisScene.ClientAsync(relayed.Scene.GreenNode);
        await relayed.CaughtUpAsync();
        long life = 1000;
        for (bool prolonged = false; !prolonged; life *= 2)
        {
            // A slow machine may let it end too soon: then it gets a longer life.
            await green.SayAsync($"SET session v PX {life}");
            await relayed.CaughtUpAsync();
            await relayed.KillAsync();
            prolonged = await green.SayAsync("PERSIST session") == "1";
            await Task.Delay(TimeSpan.FromMilliseconds(prolonged ? life + 200 : 0));
            relayed.Start();
        }

        await relayed.CaughtUpAsync();

        await using TestClient blue = await RedisScene.ClientAsync(relayed.Scene.BlueNode);
        Assert.Equal("v", await blue.SayAsync("GET session"));
    }

    [ServerTheory]
    [ServerData("redis-7.0", "redis-8.0")]
    [ServerData("redis-7.0", "valkey-8.1")]
    public async Task A_key_whose_life_is_prolonged_before_the_relay_has_begun_lives_on_blue_too(string from, string to)
    {
        // A slow machine may let the key end too soon: then it gets a longer life.
        int life = 1000;
        while (!await LivesOnAsync(from, to, life))
        {
            life *= 3;
        }
    }

    /// <summary>Whether the key was prolonged in time; if so, it must live on blue too.</summary>
    private async Task<bool> LivesOnAsync(string from, string to, int life)
    {
        await using TestBed bed = new(output);
        await using RelayScene relayed = await RelayScene.PrepareAsync(bed, from, to, Durable);
        await using TestClient blue = await RedisScene.ClientAsync(relayed.Scene.BlueNode);
        await blue.SayAsync($"SET session v PX {life}");
        await relayed.SwitchAsync();
        await using TestClient green = await RedisScene.ClientAsync(relayed.Scene.GreenNode);
        if (await green.SayAsync("PERSIST session") != "1")
        {
            return false;
        }

        await Task.Delay(life + 200);
        relayed.Start();
        await relayed.CaughtUpAsync();
        Assert.Equal("v", await blue.SayAsync("GET session"));
        return true;
    }

    [ServerTheory]
    [ServerData("redis-7.0", "redis-8.0", true, false)]
    [ServerData("redis-7.0", "redis-8.0", false, true)]
    [ServerData("redis-7.0", "valkey-8.1", true, true)]
    public async Task Kills_at_any_point_neither_double_nor_skip_a_change(string from, string to, bool killRelay, bool killBlue)
    {
        await using TestBed bed = new(output);
        await using RelayScene relayed = await RelayScene.StartAsync(bed, from, to, Durable);
        using CancellationTokenSource stop = new();
        Task<int> writing = WriteAsync(relayed.Scene.GreenNode, stop.Token);
        Random random = new(7);
        for (int round = 0; round < 12; round++)
        {
            await Task.Delay(random.Next(20, 250));
            if (killRelay && (!killBlue || round % 2 == 0))
            {
                await relayed.KillAsync();
                relayed.Start();
            }
            else
            {
                await relayed.Scene.Blue[0].KillAsync();
                await relayed.Scene.Blue[0].StartAsync();
            }
        }

        await stop.CancelAsync();
        int writes = await writing;
        await relayed.CaughtUpAsync();

        await using TestClient blue = await relayed.ControlAsync(relayed.Scene.BlueNode);
        Assert.Equal(writes.ToString(), await blue.SayAsync("GET counter"));
        Assert.Equal(writes.ToString(), await blue.SayAsync("LLEN list"));
        Assert.Equal(writes.ToString(), await blue.SayAsync("STRLEN text"));
        Assert.Equal(string.Join(' ', Enumerable.Range(1, writes).Reverse()), await blue.SayAsync("LRANGE list 0 -1"));
        output.WriteLine($"{writes} transactions");
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task A_command_that_blue_does_not_know_ends_the_way_back_loudly()
    {
        await using TestBed bed = new(output);
        await using RelayScene relayed = await RelayScene.StartAsync(bed, "redis-7.0", "redis-8.0", Durable);
        await using TestClient green = await RedisScene.ClientAsync(relayed.Scene.GreenNode);
        await green.SayAsync("HSET h f v");
        await green.SayAsync("HEXPIRE h 100 FIELDS 1 f");

        WayBackEndedException ended = await Assert.ThrowsAsync<WayBackEndedException>(() => relayed.Running.WaitAsync(TimeSpan.FromSeconds(10)));

        Assert.Contains("hpexpireat", ended.Message);
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task An_error_of_blue_ends_the_way_back_loudly()
    {
        await using TestBed bed = new(output);
        await using RelayScene relayed = await RelayScene.StartAsync(bed, "redis-7.0", "redis-8.0", Durable);
        await using TestClient green = await RedisScene.ClientAsync(relayed.Scene.GreenNode);
        await green.SayAsync("SET from 1");

        // A dump of 8.0 is of a snapshot version that 7.0 refuses: RESTORE is known to both, and fails on blue alone.
        await using TestClient raw = await RedisScene.ClientAsync(relayed.Scene.GreenNode);
        await raw.CallAsync("EVAL", "return redis.call('RESTORE','to',0,redis.call('DUMP','from'))", "0");

        WayBackEndedException ended = await Assert.ThrowsAsync<WayBackEndedException>(() => relayed.Running.WaitAsync(TimeSpan.FromSeconds(10)));

        Assert.Contains("error", ended.Message);
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task A_gap_in_green_s_backlog_ends_the_way_back_loudly_and_keeps_blue_s_data()
    {
        await using TestBed bed = new(output);
        await using RelayScene relayed = await RelayScene.StartAsync(bed, "redis-7.0", "redis-8.0", Durable);
        await using TestClient green = await RedisScene.ClientAsync(relayed.Scene.GreenNode);
        await green.SayAsync("SET kept 1");
        await relayed.CaughtUpAsync();
        await relayed.KillAsync();
        await green.SayAsync("CONFIG SET repl-backlog-size 16384");
        await green.CallAsync("EVAL", "for i=1,2000 do redis.call('SET','k'..i,string.rep('x',100)) end", "0");

        relayed.Start();
        WayBackEndedException ended = await Assert.ThrowsAsync<WayBackEndedException>(() => relayed.Running.WaitAsync(TimeSpan.FromSeconds(10)));

        Assert.Contains("backlog", ended.Message);
        await using TestClient blue = await RedisScene.ClientAsync(relayed.Scene.BlueNode);
        Assert.Equal("1", await blue.SayAsync("GET kept"));
    }

    [ServerTheory]
    [ServerData("redis-7.0", "redis-8.0")]
    [ServerData("redis-7.0", "valkey-8.1")]
    public async Task Switching_back_loses_nothing_and_leaves_no_trace(string from, string to)
    {
        await using TestBed bed = new(output);
        await using RelayScene relayed = await RelayScene.StartAsync(bed, from, to, Durable);
        using CancellationTokenSource stop = new();
        Task<int> writing = WriteAsync(relayed.Scene.GreenNode, stop.Token);
        await Task.Delay(500);

        await relayed.Scene.SwitchAsync(relayed.Scene.Backward);

        await stop.CancelAsync();
        int writes = await writing;
        await relayed.Running.WaitAsync(TimeSpan.FromSeconds(10));
        await using TestClient blue = await RedisScene.ClientAsync(relayed.Scene.BlueNode);
        Assert.Equal(writes.ToString(), await blue.SayAsync("GET counter"));
        Assert.Equal("0", await blue.SayAsync("EXISTS {statefuldeploy}:relay"));
        Assert.Equal("OK", await blue.SayAsync("SET a 1"));
        Assert.StartsWith("master", await blue.SayAsync("ROLE"));
    }

    internal static async Task<int> WriteAsync(Node green, CancellationToken cancellationToken)
    {
        await using TestClient client = await RedisScene.ClientAsync(green);
        int acknowledged = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            await client.SayAsync("MULTI");
            await client.SayAsync("INCR counter");
            await client.SayAsync($"LPUSH list {acknowledged + 1}");
            await client.SayAsync("APPEND text x");
            string done = await client.SayAsync("EXEC");
            if (done.StartsWith("NOPERM", StringComparison.Ordinal) || done.StartsWith("EXECABORT", StringComparison.Ordinal))
            {
                return acknowledged;
            }

            acknowledged++;
        }

        return acknowledged;
    }

    private static string[] Lines() =>
    [
        "INCR c", "INCR c", "APPEND ap x", "APPEND ap y", "LPUSH l a", "LPUSH l b", "SET ttl 1 EX 100", "SET gone 1", "DEL gone", "HSET h f v", "HINCRBYFLOAT h n 1.5",
        "SADD s a b c", "SPOP s", "ZADD z 1 a 2 b", "ZADD z GT CH 3 a", "XADD x 1-1 f v", "XGROUP CREATE x g 0", "XREADGROUP GROUP g me COUNT 1 STREAMS x >", "XTRIM x MAXLEN 10",
        "SETRANGE ap 5 z", "SETBIT bits 7 1", "PFADD p a b", "GEOADD geo 1 2 m", "MULTI", "INCR t1", "INCR t2", "EXEC", "INCRBYFLOAT fl 0.1", "APPEND ap2 x", "RENAME ap2 ap3", "COPY ap3 ap4",
        "SELECT 5", "SET five 3", "SELECT 0", "SET back 1", "SWAPDB 7 0", "SET seven 1", "SWAPDB 0 7", "BITFIELD bf SET u8 0 200", "SETRANGE ap 0 x", "DEL ap", "SET ap xy", "GETEX ttl EX 95",
    ];
}
