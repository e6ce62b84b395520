using System.Diagnostics;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.Redis;

/// <summary>The closed window as the engine alone makes it, under writers that go past every router.</summary>
public sealed class RedisWindowTests(ITestOutputHelper output)
{
    private readonly Dictionary<string, List<double>> _times = new(StringComparer.Ordinal);

    [ServerTheory]
    [ServerData("redis-7.0", "redis-8.0")]
    [ServerData("redis-7.0", "valkey-8.1")]
    public async Task Under_writers_nothing_acknowledged_is_lost_and_every_act_is_short(string from, string to)
    {
        for (int round = 0; round < (ServerCatalog.Full ? 10 : 2); round++)
        {
            await RunAsync(from, to);
        }

        foreach ((string act, List<double> times) in _times)
        {
            times.Sort();
            output.WriteLine($"{act,-10} median {times[times.Count / 2]:0.00} ms, longest {times[^1]:0.00} ms");
        }
    }

    private async Task RunAsync(string from, string to)
    {
        await using TestBed bed = new();
        RedisScene scene = await RedisScene.StartAsync(bed, from, to);
        await scene.FollowAsync();
        using CancellationTokenSource stop = new();
        Task<int>[] writers = [.. Enumerable.Range(0, 8).Select(i => WriteAsync(scene.BlueNode, i))];
        await Task.Delay(300);
        EngineContext context = scene.Forward;
        await scene.Engine.Switchover.RehearseAsync(context, default);
        await scene.Engine.Gate.PrepareAsync(scene.BlueNode, scene.Gate, default);
        await scene.Engine.Switchover.PrepareAsync(context, default);
        await scene.Engine.Gate.ProbeAsync(scene.BlueNode, scene.Gate, default);

        long begun = Stopwatch.GetTimestamp();
        await TimeAsync("close", () => scene.Engine.Gate.CloseAsync(scene.BlueNode, scene.Gate, default));
        await TimeAsync("unblock", () => scene.Engine.Switchover.EndOpenWritesAsync(context, default));
        await TimeAsync("probe", async () => Assert.Equal(GateState.Closed, await scene.Engine.Gate.ProbeAsync(scene.BlueNode, scene.Gate, default)));
        ClusterPosition position = null!;
        await TimeAsync("position", async () => position = await scene.Engine.Switchover.ReadPositionAsync(context, default));
        await TimeAsync("drain", () => scene.Engine.Switchover.DrainAsync(context, position, default));
        await TimeAsync("promote", () => scene.Engine.Switchover.PromoteAsync(context, default));
        await TimeAsync("open", () => scene.Engine.Gate.OpenAsync(scene.GreenNode, scene.Gate, default));
        Note("all", Stopwatch.GetElapsedTime(begun));

        await using TestClient green = await RedisScene.ClientAsync(scene.GreenNode);
        for (int i = 0; i < writers.Length; i++)
        {
            Assert.Equal((await writers[i]).ToString(), await green.SayAsync($"GET counter{i}"));
        }

        Assert.Equal(GateState.Open, await scene.Engine.Gate.ProbeAsync(scene.GreenNode, scene.Gate, default));
    }

    private async Task TimeAsync(string act, Func<Task> run)
    {
        long begun = Stopwatch.GetTimestamp();
        await run();
        Note(act, Stopwatch.GetElapsedTime(begun));
    }

    private void Note(string act, TimeSpan time)
    {
        if (!_times.TryGetValue(act, out List<double>? times))
        {
            _times[act] = times = [];
        }

        times.Add(time.TotalMilliseconds);
    }

    private static async Task<int> WriteAsync(Node blue, int writer)
    {
        await using TestClient client = await RedisScene.ClientAsync(blue);
        for (int acknowledged = 0; ; acknowledged++)
        {
            if ((await client.SayAsync($"INCR counter{writer}")).StartsWith("NOPERM", StringComparison.Ordinal))
            {
                return acknowledged;
            }
        }
    }
}
