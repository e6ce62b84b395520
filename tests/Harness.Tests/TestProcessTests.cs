using System.Diagnostics;
using StatefulDeploy.Harness.Processes;

namespace StatefulDeploy.Harness.Tests;

public sealed class TestProcessTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task It_keeps_what_a_process_says_and_its_exit_code()
    {
        var (code, said) = await TestProcess.RunAsync("sh", ["-c", "echo out; echo err >&2; exit 7"], Soon);
        Assert.Equal(7, code);
        Assert.Equal(["err", "out"], said.Split('\n').Order());
    }

    [Fact]
    public async Task The_process_id_is_the_programs_own()
    {
        await using var process = TestProcess.Start("sh", ["-c", "echo $$; sleep 100"]);
        Assert.Equal(process.Id.ToString(), await process.WaitForLineAsync(line => line.Length > 0, "its id", Soon));
    }

    [Fact]
    public async Task Waiting_for_a_line_that_never_comes_says_what_came()
    {
        await using var process = TestProcess.Start("sh", ["-c", "echo something else; sleep 100"]);
        await process.WaitForLineAsync("something else", Soon);
        var error = await Assert.ThrowsAsync<TimeoutException>(() => process.WaitForLineAsync("ready", TimeSpan.FromMilliseconds(300)));
        Assert.Contains("something else", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_for_a_line_of_a_process_that_ended_does_not_wait_out_the_time()
    {
        await using var process = TestProcess.Start("sh", ["-c", "echo oh dear; exit 3"]);
        var begun = Stopwatch.GetTimestamp();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => process.WaitForLineAsync("ready", TimeSpan.FromSeconds(30)));
        Assert.Contains("ended with 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("oh dear", error.Message, StringComparison.Ordinal);
        Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_suspended_process_does_nothing_until_it_goes_on()
    {
        await using var process = TestProcess.Start("sh", ["-c", "while :; do echo tick; sleep 0.02; done"]);
        await process.WaitForLineAsync("tick", Soon);
        await process.SuspendAsync();
        var length = await StillAsync(process);
        process.Continue();
        await process.WaitUntilAsync(() => process.Output.Length > length, "it goes on", Soon);
    }

    [Fact]
    public async Task A_killed_process_is_gone_when_the_call_returns()
    {
        await using var process = TestProcess.Start("sleep", ["100"]);
        await process.KillAsync();
        Assert.True(process.HasExited);
        Assert.Equal(128 + 9, process.ExitCode);
    }

    [Fact]
    public async Task What_it_started_ends_with_it_also_what_made_a_session_of_its_own_and_holds_its_output()
    {
        var process = TestProcess.Start("sh", ["-c", "setsid sleep 1000 & echo started; exit 0"]);
        Assert.Equal(0, await process.WaitForExitAsync(Soon));
        Assert.Single(process.Descendants());
        await process.DisposeAsync();
        Assert.Empty(process.Descendants());
    }

    [Fact]
    public async Task It_does_not_die_with_the_thread_that_asked_for_it()
    {
        // The parent-death signal is sent when the thread that forked ends.
        var processes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () => TestProcess.Start("sleep", ["100"]), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        await Task.Delay(500);
        Assert.All(processes, process => Assert.False(process.HasExited));
        foreach (var process in processes)
        {
            await process.DisposeAsync();
        }
    }

    [Fact]
    public void A_port_is_not_given_out_twice()
    {
        var ports = Enumerable.Range(0, 200).Select(_ => FreePort.Take()).ToList();
        Assert.Equal(200, ports.Distinct().Count());
    }

    /// <summary>The length of what it said, once nothing has been added for a while: what was on its way when it was suspended still comes.</summary>
    private static async Task<int> StillAsync(TestProcess process)
    {
        var deadline = Stopwatch.GetTimestamp() + (long)(Soon.TotalSeconds * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < deadline)
        {
            var length = process.Output.Length;
            await Task.Delay(300);
            if (process.Output.Length == length)
            {
                return length;
            }
        }

        throw new TimeoutException($"a suspended process went on: {process.Output.Length} characters");
    }
}
