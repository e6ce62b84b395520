using StatefulDeploy.Upgrade.Tests.Stage;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>All cases. docs/faults.md has a row for each, in this order.</summary>
internal static class FaultTable
{
    private static readonly StepName[] WindowSteps = [StepName.Fence, StepName.Position, StepName.Drain, StepName.Finalize, StepName.Promote, StepName.Commit, StepName.Open, StepName.Switch];
    private static readonly StepName[] WayBackSteps = [StepName.CatchUp, StepName.Rehearse, .. WindowSteps];

    /// <summary>Those of Redis, on which the foundation is proved.</summary>
    public static IReadOnlyList<FaultCase> Redis { get; } =
    [
        .. OrchestratorKilled(),
        .. OrchestratorSuspended(),
        .. MessagesLost(),
        .. WorldFaults.Cases(),
    ];

    /// <summary>Those of PostgreSQL.</summary>
    public static IReadOnlyList<FaultCase> Postgres { get; } = PostgresFaults.Of(
    [
        .. OrchestratorKilled(),
        .. OrchestratorSuspended().Where(fault => fault is { Back: false, Moment: FaultMoment.AfterAct }),
        .. MessagesLost(),
    ]);

    public static FaultCase Get(string id) => Redis.Concat(Postgres).Single(fault => fault.Id == id);

    /// <summary>Which cluster the guard alone must open when everybody else dies at a moment.</summary>
    public static string LiveAfter(StepName step, FaultMoment moment, bool back)
    {
        var committed = step > StepName.Commit || (step == StepName.Commit && moment != FaultMoment.BeforeAct);
        return committed != back ? "green" : "blue";
    }

    private static IEnumerable<FaultCase> OrchestratorKilled() =>
        from back in new[] { false, true }
        from step in back ? WayBackSteps : Enum.GetValues<StepName>()
        from moment in Enum.GetValues<FaultMoment>()
        select new FaultCase
        {
            Fault = "The orchestrator is killed",
            Step = step,
            Moment = moment,
            Back = back,
            Do = "Kill",
            Live = LiveAfter(step, moment, back),
            Representative = IsTelling(step, moment, back),
        };

    // One before anything is closed, the two sides of the fence, of the decision and of the opening, and the decision on the way back.
    private static bool IsTelling(StepName step, FaultMoment moment, bool back) => (step, moment, back) is
        (StepName.Provision, FaultMoment.AfterAct, false) or (StepName.Fence, FaultMoment.AfterAct, false) or (StepName.Commit, FaultMoment.BeforeAct, false)
        or (StepName.Commit, FaultMoment.AfterAct, false) or (StepName.Open, FaultMoment.AfterAct, false) or (StepName.Commit, FaultMoment.AfterAct, true);

    private static IEnumerable<FaultCase> OrchestratorSuspended() =>
        from back in new[] { false, true }
        from step in WindowSteps
        from moment in Enum.GetValues<FaultMoment>()
        where (step, moment) != (StepName.Fence, FaultMoment.BeforeAct)
        select new FaultCase
        {
            Fault = "The orchestrator is suspended beyond the deadline, and goes on later",
            Step = step,
            Moment = moment,
            Back = back,
            Do = "Stop",
            Strike = SleepBeyondDeadlineAsync,
            Live = null,
            Representative = !back && (step, moment) is (StepName.Promote, FaultMoment.AfterAct) or (StepName.Commit, FaultMoment.AfterAct),
        };

    private static IEnumerable<FaultCase> MessagesLost() =>
        from back in new[] { false, true }
        from message in new[] { ("CommitRequest", "The wish to commit is lost"), ("CommitReply", "The answer to the commit is lost"), ("OpenReply", "The answer to the opening is lost") }
        select new FaultCase
        {
            Fault = message.Item2,
            Step = message.Item1 == "OpenReply" ? StepName.Open : StepName.Commit,
            Moment = FaultMoment.BeforeAct,
            Back = back,
            Lose = message.Item1,
            Live = (message.Item1 == "CommitRequest") != back ? "blue" : "green",
            Representative = !back && message.Item1 == "CommitReply",
        };

    private static async Task SleepBeyondDeadlineAsync(FaultScene scene)
    {
        await scene.WritesFlowAsync(new ServiceShape().WindowDeadline + TimeSpan.FromSeconds(6));
        await Task.Delay(TimeSpan.FromSeconds(1));
    }
}
