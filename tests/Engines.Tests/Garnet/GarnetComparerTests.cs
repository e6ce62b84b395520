using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.Tests.Redis;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.Garnet;

/// <summary>That replication carries every type in both directions, seen by the comparison; and that the comparison sees what is not the same.</summary>
public sealed class GarnetComparerTests(ITestOutputHelper output)
{
    [ServerFact("garnet-2.2.2", "garnet-2.2.8")]
    public async Task Every_type_is_carried_there_and_back()
    {
        await using TestBed bed = new(output);
        GarnetScene scene = await GarnetScene.StartAsync(bed);
        await using TestClient client = await GarnetScene.ClientAsync(scene.BlueNode);
        await FillAsync(client, "copied");
        await scene.FollowAsync();
        await FillAsync(client, "streamed");
        await CompareAsync(scene, scene.Forward);

        WindowTimes there = await scene.SwitchAsync(scene.Forward);
        await using TestClient green = await GarnetScene.ClientAsync(scene.GreenNode);
        await FillAsync(green, "green");
        await scene.Engine.Replicator.StartAsync(scene.Backward, there.Reverse, default);
        await scene.StreamingAsync(scene.Backward);
        await FillAsync(green, "back");
        await CompareAsync(scene, scene.Backward);

        // Blue was started anew to be filled.
        await using TestClient back = await GarnetScene.ClientAsync(scene.BlueNode);
        await scene.SwitchAsync(scene.Backward);
        Assert.Equal("1", await back.SayAsync("HGET back:h a"));
        await FillAsync(back, "again");
    }

    [ServerTheory]
    [ServerData("garnet-2.2.2", "GETDEL k1")]
    [ServerData("garnet-2.2.2", "SPOP s 3")]
    [ServerData("garnet-2.2.2", "DELIFGREATER etag 5")]
    [ServerData("garnet-2.2.2", "RENAME t t2{t}")]
    [ServerData("garnet-2.2.2", "RENAMENX t t2{t}")]
    public async Task What_Garnet_does_not_replicate_rightly_stops_the_switch_until_the_copy_is_made_anew(string server, string command)
    {
        await using TestBed bed = new(output);
        GarnetScene scene = await GarnetScene.StartAsync(bed, server["garnet-".Length..]);
        await using TestClient client = await GarnetScene.ClientAsync(scene.BlueNode);
        await client.SayAsync("SADD s a b c d e f g h i j k l m n o p q r s t");
        await client.SayAsync("SETWITHETAG etag v");
        await client.SayAsync("SET t 1 EX 1000");
        await client.SayAsync("SET k1 1");
        await scene.FollowAsync();

        Assert.DoesNotContain("ERR", await client.SayAsync(command), StringComparison.Ordinal);
        await scene.CatchUpAsync(scene.Forward);
        UpgradeException refusal = await Assert.ThrowsAsync<UpgradeException>(() => scene.Engine.Switchover.RehearseAsync(scene.Forward, default));
        Assert.Equal("UnreplicatedCommandUsed", refusal.ErrorId);
        Assert.Contains(command.Split(' ')[0], refusal.Message, StringComparison.Ordinal);
        Assert.Contains(await scene.Engine.Preflight.InspectAsync(scene.Forward, default), finding => finding.Code == "UnreplicatedCommands");

        // The hazard is real in every version that we take it to be in.
        Assert.False((await scene.Engine.Comparer.CompareAsync(scene.Forward, new ComparisonOptions(), default)).Passed);
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await scene.StreamingAsync(scene.Forward);
        Assert.True((await scene.Engine.Comparer.CompareAsync(scene.Forward, new ComparisonOptions(), default)).Passed);
        await scene.SwitchAsync(scene.Forward);
    }

    [ServerFact("garnet-2.2.2", "garnet-2.2.8")]
    public async Task Every_kind_of_difference_is_found_with_its_key()
    {
        await using TestBed bed = new(output);
        GarnetScene scene = await GarnetScene.StartAsync(bed);
        await using TestClient client = await GarnetScene.ClientAsync(scene.BlueNode);
        await FillAsync(client, "p");
        await scene.FollowAsync();
        await scene.PromoteAsync(scene.Forward);
        await using TestClient control = await GarnetScene.ClientAsync(scene.GreenNode, "statefuldeploy", scene.Secrets.GetOrCreate("garnet-control"));
        string[] damage =
        [
            "DEL p:k1", "SET p:k2 other", "DEL p:k3", "LPUSH p:k3 x", "PERSIST p:t", "SET p:extra 1", "HSET p:bighash f77 other", "LSET p:biglist 700 other",
            "SREM p:bigset m5", "SADD p:bigset other", "ZADD p:bigzset 77.5 m77", "SETRANGE p:bigstring 300000 z", "HSET p:h a other", "ZADD p:z 5 a", "RPUSH p:l x",
        ];
        foreach (string line in damage)
        {
            Assert.DoesNotContain("ERR", await control.SayAsync(line), StringComparison.Ordinal);
        }

        ComparisonResult result = await scene.Engine.Comparer.CompareAsync(scene.Forward, new ComparisonOptions(), default);

        string[] expected =
        [
            "Expiry p:t", "Extra p:extra", "Missing p:k1", "Type p:k3", "Value p:bighash", "Value p:biglist", "Value p:bigset", "Value p:bigstring", "Value p:bigzset",
            "Value p:h", "Value p:k2", "Value p:l", "Value p:z",
        ];
        Assert.Equal(expected, result.Details.Select(difference => $"{difference.Kind} {difference.Item["s1/db0/".Length..]}").Order(StringComparer.Ordinal));
    }

    private static async Task CompareAsync(GarnetScene scene, EngineContext context)
    {
        ComparisonResult result = await scene.Engine.Comparer.CompareAsync(context, new ComparisonOptions(), default);
        Assert.Empty(result.Details);
        Assert.True(result.Passed);
        Assert.True(result.ItemsCompared > 100, $"{result.ItemsCompared}");
    }

    // Every type that Garnet has, small and big, with expiry times of keys and of fields, by plain commands, transactions and scripts.
    private static async Task FillAsync(TestClient client, string prefix)
    {
        List<string> lines = [.. Enumerable.Range(0, 100).Select(number => $"SET {prefix}:k{number} {number}")];
        lines.AddRange(
        [
            $"SET {prefix}:t 1 EX 1000", $"SET {prefix}:soon 1 PX 1", $"APPEND {prefix}:k1 more", $"INCRBYFLOAT {prefix}:k2 0.1", $"SETBIT {prefix}:bits 77 1", $"PFADD {prefix}:hll a b c",
            $"HSET {prefix}:h a 1 b 2", $"HPEXPIRE {prefix}:h 1000000 FIELDS 1 b", $"HINCRBYFLOAT {prefix}:h a 0", $"LPUSH {prefix}:l c b a", $"LSET {prefix}:l 1 z", $"SADD {prefix}:s a b c",
            $"ZADD {prefix}:z 0.1 a 1e300 b -inf c", $"ZEXPIRE {prefix}:z 1000 MEMBERS 1 b", $"GEOADD {prefix}:g 13.361389 38.115556 Palermo", $"SETWITHETAG {prefix}:etag v", $"SETRANGE {prefix}:bigstring 600000 x",
            $"PEXPIRE {prefix}:k9 2000000", $"DEL {prefix}:k10", "MULTI", $"INCR {prefix}:n", $"EXPIRE {prefix}:n 5000", "EXEC",
            $"HSET {prefix}:bighash {Pairs(number => $"f{number} {number}")}", $"RPUSH {prefix}:biglist {Pairs(number => $"e{number}")}", $"SADD {prefix}:bigset {Pairs(number => $"m{number}")}", $"ZADD {prefix}:bigzset {Pairs(number => $"{number} m{number}")}",
        ]);
        foreach (string line in lines)
        {
            string answer = await client.SayAsync(line);
            Assert.False(answer.StartsWith("ERR", StringComparison.Ordinal) || answer.StartsWith("WRONGTYPE", StringComparison.Ordinal), $"{line[..Math.Min(60, line.Length)]}: {answer}");
        }

        Assert.Equal("2", await client.CallAsync("EVAL", "redis.call('SET', KEYS[1], ARGV[1]); return redis.call('INCR', KEYS[1])", "1", $"{prefix}:script", "1"));
    }

    private static string Pairs(Func<int, string> one) => string.Join(' ', Enumerable.Range(0, 1000).Select(one));
}
