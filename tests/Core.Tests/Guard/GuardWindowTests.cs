namespace StatefulDeploy.Core.Tests.Guard;

/// <summary>The window from end to end, with real processes.</summary>
public sealed class GuardWindowTests : IAsyncLifetime
{
    private readonly Stage _stage = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _stage.DisposeAsync();

    [Fact]
    public async Task A_window_that_is_committed_opens_green_and_leaves_blue_closed()
    {
        var one = await _stage.ArmAsync(20_000);
        await one.ExpectAsync("close", "ok");
        Assert.True(_stage.BlueIsClosed);
        await one.ExpectAsync("commit w1", "Committed");
        Assert.True(_stage.GreenIsClosed);
        await one.ExpectAsync("open-green", "ok");
        Assert.True(_stage.GreenIsOpen);
        await one.ExpectAsync("complete w1", "ok");
        await one.ExpectAsync("window", "none");
        Assert.True(_stage.BlueIsClosed);
    }

    [Fact]
    public async Task A_window_that_nobody_decides_expires_and_blue_and_the_router_are_released()
    {
        var one = await _stage.ArmAsync(4_000);
        await one.ExpectAsync("close", "ok");
        await _stage.UntilAsync(() => _stage.BlueIsOpen, "Blue open again");
        await _stage.UntilAsync(() => _stage.Routed.Any(act => act.StartsWith($"RELEASE 1 {_stage.Blue[0].Endpoint.Port}", StringComparison.Ordinal)), "The release of the router");
        await one.ExpectAsync("commit w1", "Expired");
        await one.ExpectErrorAsync("open-green", "NoRightToOpen");
        await one.ExpectAsync("complete w1", "ok");
    }

    [Fact]
    public async Task An_abort_opens_blue_at_once()
    {
        var one = await _stage.ArmAsync(20_000);
        await one.ExpectAsync("close", "ok");
        await one.ExpectAsync("expire w1", "Expired");
        await _stage.UntilAsync(() => _stage.BlueIsOpen, "Blue open again", seconds: 3);
        await one.ExpectAsync("complete w1", "ok");
    }

    [Fact]
    public async Task A_rehearsal_lets_one_window_expire_and_commits_another_and_leaves_nothing_behind()
    {
        var one = await _stage.StartOperatorAsync();
        await one.DoAsync("connect");
        await one.ExpectAsync("rehearse", "ok");
        await one.ExpectAsync("window", "none");
        Assert.True(_stage.BlueIsOpen);
        Assert.True(_stage.GreenIsClosed);
        Assert.Contains(_stage.Green[0].Acts, act => act.StartsWith("CLOSE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_ordered_for_green_before_the_fence_is_ended_before_blue_is_told_closed()
    {
        var one = await _stage.StartOperatorAsync();
        var late = await _stage.StartOperatorAsync();
        await late.DoAsync("connect");
        await late.ExpectAsync("demote green 20000", "ok Green follows.");
        Array.ForEach(_stage.Green, node => node.Freeze());
        await late.TellAsync("demote green 20000");
        await _stage.UntilAsync(() => _stage.Green.All(node => node.Waiting.Any(line => line.StartsWith("DEMOTE", StringComparison.Ordinal))), "Both demotions under way");
        late.Stop();
        await one.TakeOverAsync();
        await one.ExpectAsync("arm w1 20000", "ok");
        await one.ExpectAsync("prepare", "ok");
        await one.ExpectAsync("close", "ok");
        var before = _stage.Green.Select(node => node.Acts.Count).ToArray();
        Array.ForEach(_stage.Green, node => node.GoOn());
        late.Continue();
        await one.ExpectAsync("commit w1", "Committed");
        await one.ExpectAsync("open-green", "ok");
        Assert.All(_stage.Green.Zip(before), pair => Assert.DoesNotContain(pair.First.Acts.Skip(pair.Second), act => act.StartsWith("DEMOTE", StringComparison.Ordinal)));
        Assert.StartsWith("error Superseded", await late.ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_green_replica_that_is_down_does_not_keep_blue_from_being_closed()
    {
        var one = await _stage.ArmAsync(20_000);
        await _stage.Green[1].DisposeAsync();
        await one.ExpectAsync("close", "ok");
    }
}
