using System.Diagnostics;
using StatefulDeploy.Cli.Output;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Upgrade.Tests.Cli;

public sealed class LineReporterTests
{
    [Fact]
    public async Task Progress_is_told_by_steps_of_ten_percent_and_what_matters_always()
    {
        var lines = await TellAsync(
            verbose: false,
            [
                new ReportEvent(ReportLevel.Verbose, "A detail.") { Step = "CatchUp" },
                .. Enumerable.Range(0, 41).Select(percent => new ReportEvent(ReportLevel.Progress, "Copying") { Step = "CatchUp", Percent = percent, Remaining = TimeSpan.FromSeconds(90) }),
                new ReportEvent(ReportLevel.Warning, "Look.") { Step = "CatchUp" },
            ]);

        Assert.Equal(6, lines.Length);
        Assert.EndsWith("CatchUp: Copying (0 %, 1 min 30 s left)", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("(40 %, 1 min 30 s left)", lines[4], StringComparison.Ordinal);
        Assert.EndsWith("warning: CatchUp: Look.", lines[5], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Details_are_told_when_they_are_asked_for()
    {
        Assert.EndsWith("A detail.", Assert.Single(await TellAsync(verbose: true, [new ReportEvent(ReportLevel.Verbose, "A detail.")])), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_does_not_read_does_not_hold_up_who_tells()
    {
        using var stuck = new StuckWriter();
        var begun = Stopwatch.GetTimestamp();
        var reporter = new LineReporter(stuck, verbose: false, TimeProvider.System);

        for (var i = 0; i < 1000; i++)
            reporter.Report(new ReportEvent(ReportLevel.Information, "Milestone."));

        Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(1));
        await reporter.DisposeAsync();
        Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(10));
        stuck.Release();
    }

    private static async Task<string[]> TellAsync(bool verbose, ReportEvent[] told)
    {
        using var output = new StringWriter();
        await using (var reporter = new LineReporter(output, verbose, TimeProvider.System))
        {
            foreach (var one in told)
                reporter.Report(one);
        }

        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private sealed class StuckWriter : StringWriter
    {
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override Task WriteLineAsync(string? value) => _released.Task;

        public void Release() => _released.SetResult();
    }
}
