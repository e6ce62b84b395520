using System.Diagnostics;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.Redis;

/// <summary>The comparison, on real servers with different versions.</summary>
public sealed class RedisComparerTests(ITestOutputHelper output)
{
    [ServerTheory]
    [ServerData("redis-7.0", "redis-8.0")]
    [ServerData("redis-7.0", "valkey-8.1")]
    public async Task Values_of_every_type_and_size_are_the_same_in_both_versions(string from, string to)
    {
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, from, to);
        await FillAsync(scene.Blue[0]);
        await scene.FollowAsync();

        ComparisonResult result = await scene.Engine.Comparer.CompareAsync(scene.Forward, new ComparisonOptions(), default);

        Assert.Empty(result.Details);
        Assert.True(result.Passed);
        Assert.True(result.ItemsCompared >= 3021, $"{result.ItemsCompared}");
        output.WriteLine($"{result.ItemsCompared} keys in {result.Elapsed.TotalMilliseconds:0} ms");
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task Every_kind_of_difference_is_found_with_its_key()
    {
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, "redis-7.0", "redis-8.0");
        await FillAsync(scene.Blue[0]);
        await scene.FollowAsync();
        await using TestClient control = await RedisScene.ClientAsync(scene.GreenNode, "statefuldeploy", scene.Secrets.GetOrCreate("redis-control"));
        await control.SayAsync("REPLICAOF NO ONE");
        string[] damage =
        [
            "DEL k5", "SET k6 other", "DEL k7", "LPUSH k7 x", "PERSIST t1", "PEXPIRE t2 500000", "SET extra 1", "HSET bighash f77 other", "LSET biglist 700 other", "SREM bigset m5", "SADD bigset other",
            "ZADD bigzset 77.5 m77", "SETRANGE bigstring 300000 z", "XACK stream g 1-1", "HSET h1 a other", "SREM s1 a", "SADD s1 z", "ZADD z1 5 a", "RPUSH l1 x", "SELECT 3", "SET five other",
        ];
        foreach (string line in damage)
        {
            Assert.DoesNotContain("ERR", await control.SayAsync(line));
        }

        ComparisonResult result = await scene.Engine.Comparer.CompareAsync(scene.Forward, new ComparisonOptions(), default);

        string[] expected =
        [
            "Expiry s1/db0/t1", "Expiry s1/db0/t2", "Extra s1/db0/extra", "Missing s1/db0/k5", "Type s1/db0/k7", "Value s1/db0/bighash", "Value s1/db0/biglist", "Value s1/db0/bigset", "Value s1/db0/bigstring",
            "Value s1/db0/bigzset", "Value s1/db0/h1", "Value s1/db0/k6", "Value s1/db0/l1", "Value s1/db0/s1", "Value s1/db0/stream", "Value s1/db0/z1", "Value s1/db3/five",
        ];
        Assert.Equal(expected, result.Details.Select(difference => $"{difference.Kind} {difference.Item}").Order(StringComparer.Ordinal));
        Assert.Equal(expected.Length, result.Differences);
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task A_change_under_way_is_no_difference()
    {
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, "redis-7.0", "redis-8.0");
        await FillAsync(scene.Blue[0]);
        await scene.FollowAsync();
        using CancellationTokenSource stop = new();
        Task writing = Task.WhenAll(Enumerable.Range(0, 4).Select(i => WriteAsync(scene, i, stop.Token)));

        ComparisonResult result = await scene.Engine.Comparer.CompareAsync(scene.Forward, new ComparisonOptions(), default);

        await stop.CancelAsync();
        await writing;
        Assert.Empty(result.Details);
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task A_stopped_comparison_goes_on_where_it_was()
    {
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, "redis-7.0", "redis-8.0");
        await scene.Blue[0].CallAsync("DEBUG", "POPULATE", "300000", "key", "100");
        await scene.FollowAsync();
        ComparisonOptions options = new() { CheckpointFile = Path.Combine(bed.Folder, "compare.json") };
        using CancellationTokenSource stop = new();
        Task<ComparisonResult> first = scene.Engine.Comparer.CompareAsync(scene.Forward, options, stop.Token);
        await TestBed.WaitUntilAsync(() => Task.FromResult(File.Exists(options.CheckpointFile) || first.IsCompleted), "a checkpoint", TimeSpan.FromSeconds(60));
        Assert.False(first.IsCompleted, "The comparison ended before it could be stopped.");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        Stopwatch rest = Stopwatch.StartNew();
        ComparisonResult result = await scene.Engine.Comparer.CompareAsync(scene.Forward, options, default);

        Assert.True(result.Passed);
        Assert.InRange(result.ItemsCompared, 300_000, 330_000);
        Assert.True(rest.Elapsed < result.Elapsed, "It began anew.");
        Assert.False(File.Exists(options.CheckpointFile));
        output.WriteLine($"{result.ItemsCompared / result.Elapsed.TotalSeconds:0} keys a second; {GC.GetTotalMemory(true) >> 20} MiB");
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task Memory_stays_flat_whatever_the_number_of_keys()
    {
        int most = ServerCatalog.Full ? 2_000_000 : 60_000;
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, "redis-7.0", "redis-8.0");
        await scene.FollowAsync();
        List<long> peaks = [];
        foreach (int keys in new[] { most / 10, most })
        {
            await scene.Blue[0].CallAsync("DEBUG", "POPULATE", keys.ToString(), "key", "50");
            await using TestClient client = await RedisScene.ClientAsync(scene.BlueNode);
            await client.SayAsync("SET end 1");
            await scene.StreamingAsync(scene.Forward);
            await scene.Engine.Replicator.StopAsync(scene.Forward, default);
            await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
            await scene.StreamingAsync(scene.Forward);
            using MemoryPeak peak = new();
            ComparisonResult result = await scene.Engine.Comparer.CompareAsync(scene.Forward, new ComparisonOptions(), default);
            Assert.True(result.Passed);
            peaks.Add(peak.Bytes);
            output.WriteLine($"{result.ItemsCompared} keys in {result.Elapsed.TotalSeconds:0.0} s, {result.ItemsCompared / result.Elapsed.TotalSeconds:0} a second, live memory at most {peak.Bytes >> 20} MiB");
        }

        Assert.True(peaks[1] < peaks[0] + (32 << 20), $"{peaks[0]} and {peaks[1]} bytes");
    }

    private sealed class MemoryPeak : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _watching;

        public MemoryPeak() => _watching = WatchAsync();

        public long Bytes { get; private set; }

        public void Dispose()
        {
            _stop.Cancel();
            _watching.Wait();
            _stop.Dispose();
        }

        // What is live after a collection: how much garbage there is in between is the runtime's choice.
        private async Task WatchAsync()
        {
            while (!_stop.IsCancellationRequested)
            {
                Bytes = Math.Max(Bytes, GC.GetTotalMemory(forceFullCollection: true));
                await Task.Delay(300);
            }
        }
    }

    private static async Task WriteAsync(RedisScene scene, int writer, CancellationToken cancellationToken)
    {
        await using TestClient client = await RedisScene.ClientAsync(scene.BlueNode);
        for (int i = 0; !cancellationToken.IsCancellationRequested; i++)
        {
            await client.SayAsync($"INCR hot{writer}");
            await client.SayAsync($"SET k{i % 3000} {i}");
            await client.SayAsync($"HSET bighash f{i % 1000} {i}");
            await client.SayAsync($"SET new{writer}-{i % 50} {i} PX 30");
        }
    }

    private static async Task FillAsync(RedisServer server)
    {
        await using TestClient client = await TestClient.ConnectAsync(server.Port);
        await client.CallAsync("EVAL", "for i=0,2999 do redis.call('SET','k'..i,'v'..i) end", "0");
        await client.CallAsync("EVAL", "for i=0,1999 do redis.call('HSET','bighash','f'..i,i) redis.call('RPUSH','biglist',i) redis.call('SADD','bigset','m'..i) redis.call('ZADD','bigzset',i/7,'m'..i) redis.call('XADD','stream',(i+1)..'-1','f',i) end", "0");
        string[] lines =
        [
            "SET t1 1 EX 1000", "SET t2 1 EX 1000", "HSET h1 a 1 b 2", "SADD s1 a b c", "SADD s2 1 2 3", "ZADD z1 0.1 a 0.30000000000000004 b inf c", "RPUSH l1 a b c", "XGROUP CREATE stream g 0", "XREADGROUP GROUP g me COUNT 600 STREAMS stream >",
            "XDEL stream 5-1", "PFADD hll a b c", "SETBIT bits 100 1", "GEOADD geo 1 2 m", "XADD empty 1-1 a b", "XTRIM empty MAXLEN 0", "HSET h2 f v", "SET empty-string x", "SETRANGE bigstring 400000 end", "SET bin \u0001\u0002", "SELECT 3", "SET five 5",
        ];
        foreach (string line in lines)
        {
            Assert.DoesNotContain("ERR", await client.SayAsync(line));
        }
    }
}
