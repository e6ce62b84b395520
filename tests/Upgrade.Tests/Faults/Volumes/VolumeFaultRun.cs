using StatefulDeploy.Harness;
using StatefulDeploy.Load;
using StatefulDeploy.Upgrade.Tests.Fleet;
using StatefulDeploy.Upgrade.Tests.Stage;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.Faults.Volumes;

/// <summary>Plays one case to one ending, and holds what came of it against the invariants.</summary>
internal sealed class VolumeFaultRun(VolumeFaultCase fault, string ending, ITestOutputHelper output)
{
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(6);
    private readonly List<string> _broken = [];
    private bool _finished;

    public async Task<FaultRow> PlayAsync()
    {
        await using var bed = new TestBed(output);
        var scene = await VolumeFaultScene.StartAsync(bed, fault);
        await scene.Ledger.WaitForWritesAsync(100, ReuseService.Patience);
        var outcome = await StrikeAsync(scene);
        await ExpectAsync(() => scene.Ledger.WaitForWritesAsync(20, ReuseService.WindowDeadline + Slack), "writes are acknowledged again within the deadline");
        var after = await scene.LiveAsync();
        await fault.Mend(scene);
        await EndAsync(scene);
        return await JudgeAsync(scene, after, outcome.ErrorId);
    }

    private async Task<CommandOutcome> StrikeAsync(VolumeFaultScene scene)
    {
        await fault.Prepare(scene);
        var trap = fault.Trap is { } set ? await Trap.SetAsync(scene.Service.Machines[set.Machine], set.Program, set.Words) : null;
        var order = fault.At is { } at ? new FaultOrder { At = (at.Step, at.Moment), Node = at.Node, Do = fault.Do } : FaultOrder.None;
        string[] through = fault.AfterSwitch ? [] : ["--through", "switch"];
        var (process, signal) = scene.Service.StartWith(order, fault.Skewed ? VolumeFaultScene.AnHourAhead() : null, ["upgrade", ReuseService.File, "--strategy", "volume-reuse", "--yes", "--verbose", .. through]);
        if (trap is not null)
        {
            await trap.ReachedAsync(ReuseService.Patience);
        }
        else if (fault is { At: not null, Do: "Wait" })
        {
            await TestBed.WaitUntilAsync(() => Task.FromResult(File.Exists(signal + ".reached")), "the moment has come", ReuseService.Patience);
        }

        await fault.Strike(scene);
        trap?.LetGo();
        await File.WriteAllTextAsync(signal + ".go", string.Empty);
        var outcome = new CommandOutcome(await process.WaitForExitAsync(ReuseService.Patience), process.Output);
        if (ending == FaultRun.Undo)
        {
            await scene.KillKeeperAsync();
        }

        output.WriteLine($"the orchestrator ended with {outcome.ExitCode} {outcome.ErrorId}\n{outcome.Output}");
        Expect(fault.Do != "Kill" || outcome.ExitCode == 137, $"its process is killed, and does not end by itself before with {outcome.ErrorId}");
        Expect(fault.Says is null || outcome.ErrorId == fault.Says, $"it ends with {fault.Says}, not with '{outcome.ErrorId}'");
        Expect(fault.Names is null || outcome.Output.Contains(fault.Names, StringComparison.Ordinal), $"it names '{fault.Names}'");
        Expect(outcome.ExitCode == 0 == fault.GoesOn, fault.GoesOn ? $"it gets over it, and does not end with {outcome.ErrorId}" : "it tells that it failed");
        return outcome;
    }

    private async Task EndAsync(VolumeFaultScene scene)
    {
        string[] command = ending == FaultRun.Resume ? ["resume", ReuseService.File, "--verbose"] : ["undo", ReuseService.File, "--yes", "--verbose"];
        var outcome = await scene.Service.RunAsync(command);
        output.WriteLine($"{ending}: {outcome.ExitCode} {outcome.ErrorId}\n{outcome.Output}");
        // The keeper may have gone to the end meanwhile; and past the switch, with the old writer's volume on its way, there is no way back.
        _finished = fault.AfterSwitch && ending == FaultRun.Undo;
        var over = outcome.ErrorId == "NoUpgrade" && (fault.AfterSwitch || fault.GoesOn);
        Expect(outcome.ExitCode == 0 || over || (_finished && outcome.ErrorId is "BlueRetired" or "NoWayBack"), $"{ending} ends well, not with {outcome.ExitCode} {outcome.ErrorId}");
        if (_finished && outcome.ExitCode != 0)
        {
            var rest = await scene.Service.RunAsync("resume", ReuseService.File, "--verbose");
            output.WriteLine($"resume instead: {rest.ExitCode} {rest.ErrorId}\n{rest.Output}");
            Expect(rest.ExitCode == 0 || rest.ErrorId == "NoUpgrade", $"forward is open, and does not end with {rest.ErrorId}");
        }

        await ExpectAsync(() => scene.Ledger.WaitForWritesAsync(20, ReuseService.Patience), $"writes are acknowledged after {ending}");
    }

    private async Task<FaultRow> JudgeAsync(VolumeFaultScene scene, string after, string said)
    {
        var end = await scene.LiveAsync();
        var expected = ending == FaultRun.Resume || _finished ? "green" : "blue";
        Expect(end == expected, $"{expected} takes writes at the end, not {end}");
        Expect(after == (fault.AfterSwitch || fault.GoesOn ? "green" : "blue"), $"{after} takes writes after the fault");
        await JudgeVolumesAsync(scene, end);
        await scene.Ledger.StopAsync();
        var verdict = await scene.Ledger.VerifyAsync(end == "green" ? scene.Service.OnGreen(2) : scene.Service.OnBlue(1));
        var routed = await scene.Ledger.VerifyAsync(scene.Service.Router);
        var totals = scene.Ledger.Totals();
        var gap = scene.Ledger.WriteGaps(new LedgerInterval(scene.Began, scene.Ledger.Now)).Max();
        var seen = string.Join("; ", totals.Examples.Take(5));
        Expect(verdict.Clean && routed.Clean && totals.CounterAnomalies == 0, $"nothing acknowledged is lost, doubled or changed: {string.Join("; ", verdict.Examples.Concat(routed.Examples).Take(5))}");
        Expect(totals.FailedReads + totals.MissingReads + totals.StaleReads + totals.WrongReads + totals.DroppedConnections + totals.Timeouts + totals.FailedConnects == 0, $"no read fails and no connection is dropped: {seen}");
        Expect(totals.FailedWrites + totals.Indeterminate == 0, $"no write fails: {seen}");
        Expect(gap <= ReuseService.WindowDeadline + Slack, $"writes wait no longer than the deadline: {gap.TotalSeconds:0.0} s");
        return new FaultRow
        {
            Case = fault.Id,
            Ending = ending,
            After = after,
            End = end,
            Said = said,
            Acknowledged = totals.Acknowledged,
            ReadsFailed = totals.FailedReads + totals.MissingReads + totals.StaleReads + totals.WrongReads,
            WritesRefused = totals.FailedWrites,
            Indeterminate = totals.Indeterminate,
            Dropped = totals.DroppedConnections,
            Lost = verdict.Lost,
            Duplicated = verdict.Duplicated + verdict.Phantoms + verdict.Torn + verdict.Reordered,
            MountedTwice = scene.Watch.Seen.Count,
            GapSeconds = gap.TotalSeconds,
            Broken = string.Join("; ", _broken),
        };
    }

    private async Task JudgeVolumesAsync(VolumeFaultScene scene, string end)
    {
        for (var node = 1; node <= 3; node++)
        {
            var home = end == "green" && (node != 1 || fault.AfterSwitch) ? scene.Service.Green(node) : scene.Service.Blue(node);
            var found = await scene.Service.MountedOnAsync(node);
            Expect(found.SequenceEqual([home.Name]), $"volume {node} is mounted on {home.Name}, not on '{string.Join(", ", found)}'");
        }

        var live = end == "green" ? await scene.Service.GreenInfoAsync(2) : await scene.Service.BlueInfoAsync(1);
        var followers = end == "green" && !fault.AfterSwitch ? 1 : 2;
        Expect(live.Contains($"connected_slaves:{followers}", StringComparison.Ordinal) || live.Contains("connected_slaves:2", StringComparison.Ordinal), $"{followers} replica(s) follow the writer");
        await scene.Watch.StopAsync();
        Expect(scene.Watch.Looks > 50 && scene.Watch.Seen.Count == 0, $"no volume is mounted twice: {string.Join("; ", scene.Watch.Seen.Take(3))}");
    }

    private void Expect(bool kept, string promise)
    {
        if (!kept)
        {
            _broken.Add(promise);
        }
    }

    private async Task ExpectAsync(Func<Task> act, string promise)
    {
        try
        {
            await act();
        }
        catch (TimeoutException)
        {
            _broken.Add(promise);
        }
    }
}
