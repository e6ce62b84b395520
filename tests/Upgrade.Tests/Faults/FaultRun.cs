using StatefulDeploy.Harness;
using StatefulDeploy.Load;
using StatefulDeploy.Upgrade.Tests.Stage;
using StatefulDeploy.Workflow;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>Plays one case to one ending, and holds what came of it against the invariants.</summary>
internal sealed class FaultRun(FaultCase fault, string ending, ITestOutputHelper output)
{
    public const string Resume = "resume";
    public const string Undo = "undo";

    // Two cores, and everybody on them: what is promised is the deadline, and this much is the machine's.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(6);
    private readonly List<string> _broken = [];
    private bool _refused;

    public async Task<FaultRow> PlayAsync()
    {
        await using var bed = new TestBed(output);
        var scene = await FaultScene.StartAsync(bed, fault);
        await scene.WritesFlowAsync(FaultScene.Patience);
        if (fault.Back)
        {
            (await scene.OperateAsync(["upgrade", scene.Service.File, "--through", "switch", "--yes", "--skip-verification", "the fault is elsewhere"])).Succeeded();
        }

        await StrikeAsync(scene);
        if (!fault.NoWritesBeforeMend)
        {
            await ExpectAsync(() => scene.WritesFlowAsync(fault.Shape.WindowDeadline + Slack), "writes are acknowledged again within the deadline");
        }

        var after = await scene.LiveAsync();
        await fault.Mend(scene);
        await EndAsync(scene, after);
        return await JudgeAsync(scene, after);
    }

    private async Task StrikeAsync(FaultScene scene)
    {
        if (fault.Step >= StepName.Soak)
        {
            scene.LeaveBlue();
        }

        fault.BeforeStrike(scene);
        var order = new FaultOrder { At = (fault.Step, fault.Moment), Do = fault.Do, Lose = fault.Lose };
        var process = scene.Orchestrator = OperatorProcess.Start(scene.Service, order, [.. Command(scene)]);
        await process.WaitForFaultAsync(fault.Do, FaultScene.Patience);
        if (fault.Do == "Kill" && ending == Undo)
        {
            // Then nobody is left but the guard.
            scene.Kill("keeper");
        }

        await fault.Strike(scene);
        process.LetGo();
        var outcome = await process.WaitAsync(FaultScene.Patience);
        output.WriteLine($"the orchestrator ended with {outcome.ExitCode} {outcome.ErrorId}");
    }

    private IEnumerable<string> Command(FaultScene scene)
    {
        if (fault.Back)
        {
            return ["undo", scene.Service.File, "--yes"];
        }

        string[] through = fault.Step >= StepName.Soak ? [] : ["--through", "switch"];
        string[] skip = fault.Step == StepName.Verify ? [] : ["--skip-verification", "the fault is elsewhere"];
        return ["upgrade", scene.Service.File, "--yes", .. through, .. skip];
    }

    private async Task EndAsync(FaultScene scene, string after)
    {
        string[] command = ending == Resume ? [Resume, scene.Service.File, "--yes"] : [Undo, scene.Service.File, "--yes"];
        var outcome = await scene.OperateAsync(ending == Resume ? command[..2] : command);
        output.WriteLine($"{ending} from {after}: {outcome.ExitCode} {outcome.ErrorId}\n{outcome.Output}");
        // The orchestrator, or the keeper in its place, may have gone to the end meanwhile: then there is no upgrade any more.
        var over = outcome.ErrorId == "NoUpgrade" && (fault.Back || fault.Step >= StepName.Soak);
        over |= outcome.ErrorId == "BlueRetired" && ending == Undo && fault is { Step: StepName.Retire, Moment: not FaultMoment.BeforeAct };
        _refused = fault.MayEndWayBack && outcome.ExitCode != 0 && outcome.Output.Contains("way back has ended", StringComparison.Ordinal);
        Expect(outcome.ExitCode == 0 || over || _refused, $"{ending} ends well, not with {outcome.ExitCode} {outcome.ErrorId}");
        await ExpectAsync(() => scene.WritesFlowAsync(FaultScene.Patience), $"writes are acknowledged after {ending}");
    }

    private async Task<FaultRow> JudgeAsync(FaultScene scene, string after)
    {
        var end = await scene.LiveAsync();
        Expect(fault.Live is null || ending == Resume || after == fault.Live, $"{fault.Live} takes writes after the fault, not {after}");
        Expect(end == ExpectedEnd(), $"{ExpectedEnd()} takes writes at the end, not {end}");
        var past = await scene.EndPastWritesAsync();
        await scene.Ledger.StopAsync();
        var server = end == "green" ? "green" : "blue";
        var verdict = await scene.Ledger.VerifyAsync(scene.At(server));
        var routed = await scene.Ledger.VerifyAsync(scene.Router);
        var totals = scene.Ledger.Totals();
        var missing = await scene.CountMissingAsync(past, server);
        var gap = scene.Ledger.WriteGaps(new LedgerInterval(scene.Began, scene.Ledger.Now)).Max();
        Expect(verdict.Clean && routed.Clean && totals.CounterAnomalies == 0, $"nothing acknowledged is lost, doubled or changed: {string.Join("; ", verdict.Examples.Concat(routed.Examples).Take(5))}");
        Expect(missing == 0, $"nothing acknowledged past the router is lost: {missing} of {past.Count}");
        Expect(AcceptedWrite.Changes(past) <= MostSwitches(after, end), $"one writer: {AcceptedWrite.Changes(past)} changes between the clusters that took writes");
        Expect(gap <= fault.Shape.WindowDeadline + Slack, $"writes wait no longer than the deadline: {gap.TotalSeconds:0.0} s");
        JudgeReads(totals);
        return new FaultRow
        {
            Case = fault.Id,
            Ending = ending,
            After = after,
            End = end,
            Acknowledged = totals.Acknowledged,
            ReadsFailed = totals.FailedReads + totals.MissingReads + totals.StaleReads + totals.WrongReads,
            WritesRefused = totals.FailedWrites,
            Indeterminate = totals.Indeterminate,
            Dropped = totals.DroppedConnections,
            Lost = verdict.Lost + missing,
            Duplicated = verdict.Duplicated + verdict.Phantoms + verdict.Torn + verdict.Reordered,
            GapSeconds = gap.TotalSeconds,
            Broken = string.Join("; ", _broken),
        };
    }

    private void JudgeReads(LedgerTotals totals)
    {
        var seen = string.Join("; ", totals.Examples.Take(5));
        Expect(totals.MissingReads + totals.StaleReads + totals.WrongReads == 0, $"no read sees less than was acknowledged: {seen}");
        Expect(fault.Cost != FaultCost.Nothing || totals.FailedReads + totals.DroppedConnections + totals.Timeouts + totals.FailedConnects == 0, $"no read fails and no connection is dropped: {seen}");
    }

    private string ExpectedEnd() => (ending, fault.Back, fault.Step, fault.Moment) switch
    {
        _ when _refused => "green",
        (Resume, false, _, _) => "green",
        (Resume, true, _, _) => "blue",
        (_, false, StepName.Retire, not FaultMoment.BeforeAct) => "green",
        _ => "blue",
    };

    private int MostSwitches(string after, string end)
    {
        string[] seen = fault.Back ? ["blue", "green", after, end] : ["blue", after, end];
        return seen.Zip(seen.Skip(1)).Count(pair => pair.First != pair.Second);
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
