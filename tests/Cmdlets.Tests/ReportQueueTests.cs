using StatefulDeploy.Cmdlets.Bridge;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cmdlets.Tests;

public sealed class ReportQueueTests
{
    [Fact]
    public void What_was_told_is_taken_in_its_order_and_then_no_more_comes()
    {
        var queue = new ReportQueue();
        queue.Report(new ReportEvent(ReportLevel.Verbose, "one"));
        queue.Report(new ReportEvent(ReportLevel.Verbose, "two"));
        queue.Complete();

        Assert.True(queue.Wait(CancellationToken.None));
        Assert.True(queue.TryTake(out var one));
        Assert.True(queue.TryTake(out var two));
        Assert.Equal(["one", "two"], [one.Message, two.Message]);
        Assert.False(queue.Wait(CancellationToken.None));
    }

    [Fact]
    public void Telling_after_the_end_does_no_harm()
    {
        var queue = new ReportQueue();
        queue.Complete();
        queue.Report(new ReportEvent(ReportLevel.Verbose, "late"));
        Assert.False(queue.Wait(CancellationToken.None));
    }

    [Fact]
    public async Task Waiting_ends_when_it_is_given_up()
    {
        using var giveUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Run(() => new ReportQueue().Wait(giveUp.Token)));
    }
}
