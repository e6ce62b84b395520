using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Workflow.Shards;

namespace StatefulDeploy.Core.Tests.Workflow;

/// <summary>Which shard is next.</summary>
public sealed class ShardQueueTests : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<string> _begun = [];
    private readonly Dictionary<string, TaskCompletionSource> _ends = new(StringComparer.Ordinal);

    [Fact]
    public async Task So_many_are_under_way_at_the_same_time_and_the_next_begins_when_one_has_ended()
    {
        var run = Run(atOnce: 2, "a", "b", "c");
        Assert.Equal(["a", "b"], _begun);

        _ends["b"].SetResult();
        await BegunAsync(3);
        _ends["a"].SetResult();
        _ends["c"].SetResult();
        await run;
    }

    [Fact]
    public async Task After_a_failure_none_is_begun_and_those_under_way_go_on_to_their_end()
    {
        var run = Run(atOnce: 2, "a", "b", "c");
        _ends["a"].SetException(new UpgradeException("NodeDidNotStart", "It did not start.", "Read its log."));
        await Task.Yield();
        Assert.False(run.IsCompleted);

        _ends["b"].SetResult();
        var failure = await Assert.ThrowsAsync<UpgradeException>(() => run);
        Assert.Equal(("NodeDidNotStart", "Shard 'a': It did not start."), (failure.ErrorId, failure.Message));
        Assert.Equal(["a", "b"], _begun);
    }

    [Fact]
    public async Task A_wish_to_stop_is_heard_between_two_shards()
    {
        var run = Run(atOnce: 1, "a", "b");
        _stop.Cancel();
        _ends["a"].SetResult();

        Assert.Equal("Cancelled", (await Assert.ThrowsAsync<UpgradeException>(() => run)).ErrorId);
        Assert.Equal(["a"], _begun);
    }

    [Fact]
    public async Task A_wish_to_stop_that_leaves_nothing_out_is_no_failure()
    {
        var run = Run(atOnce: 1, "a");
        _stop.Cancel();
        _ends["a"].SetResult();
        await run;
    }

    public void Dispose() => _stop.Dispose();

    private Task Run(int atOnce, params string[] shards)
    {
        foreach (var shard in shards)
            _ends.Add(shard, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        return new ShardQueue(atOnce, _stop.Token).RunAsync(shards.Select(Part), part =>
        {
            lock (_begun)
                _begun.Add(part.Shard!);
            return _ends[part.Shard!].Task;
        });
    }

    private async Task BegunAsync(int count)
    {
        while (true)
        {
            lock (_begun)
            {
                if (_begun.Count == count)
                    return;
            }

            await Task.Delay(1);
        }
    }

    private static ServiceDescription Part(string shard) => new()
    {
        Name = $"orders-{shard}",
        Path = $"/orders.yaml#{shard}",
        Shard = shard,
        Engine = "redis",
        Blue = new ClusterLayout(ClusterColour.Blue, "7.0", []),
        Router = new RouterDescription("gateway", new NodeEndpoint("127.0.0.1", 6379), "/gw.sock", new Dictionary<string, string>(StringComparer.Ordinal)),
        StateDirectory = "/state",
        GuardDirectory = "/guard",
    };
}
