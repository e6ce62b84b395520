using StatefulDeploy.Upgrade.Tests.Stage;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>The cases of PostgreSQL: those of the foundation on its servers, and those that only it has.</summary>
internal static class PostgresFaults
{
    private static readonly ServiceShape Shape = new()
    {
        From = "postgresql-15",
        To = "postgresql-17",
        Load = new ServiceShape().Load with { WritesPerSecond = 30, ReadsPerSecond = 30 },
    };

    private static readonly (StepName, FaultMoment) BeforeFence = (StepName.Fence, FaultMoment.BeforeAct);
    private static readonly (StepName, FaultMoment) Fenced = (StepName.Fence, FaultMoment.AfterAct);
    private static readonly (StepName, FaultMoment) Positioned = (StepName.Position, FaultMoment.AfterAct);
    private static readonly (StepName, FaultMoment) Drained = (StepName.Drain, FaultMoment.AfterAct);
    private static readonly (StepName, FaultMoment) Promoted = (StepName.Promote, FaultMoment.AfterAct);
    private static readonly (StepName, FaultMoment) Committed = (StepName.Commit, FaultMoment.AfterAct);
    private static readonly (StepName, FaultMoment) Opened = (StepName.Open, FaultMoment.AfterAct);

    /// <summary>The cases about the orchestrator, and PostgreSQL's own.</summary>
    public static IReadOnlyList<FaultCase> Of(IEnumerable<FaultCase> orchestrators) =>
        [.. orchestrators.Select(fault => fault with { Shape = Shape, Representative = IsTelling(fault) }), .. GreenDies(), .. BlueDies(), .. LinkAndDisk(), .. PoolerDies(), .. GuardAndKeeperDie(), .. ClientsHold()];

    // A few of the foundation's, which runs more of them in every run.
    private static bool IsTelling(FaultCase fault) => (fault.Do, fault.Step, fault.Moment, fault.Back) is
        ("Kill", StepName.Promote, FaultMoment.AfterAct, false) or ("Kill", StepName.Commit, FaultMoment.AfterAct, false);

    private static IEnumerable<FaultCase> GreenDies() =>
    [
        .. At(Fenced, Positioned, Drained, Promoted, Committed).Select(at => at with
        {
            Fault = "Green is killed",
            Live = "blue",
            Strike = Now(scene => scene.KillGreen()),
        }),
        .. At(Opened).Select(at => at with
        {
            Fault = "Green is killed and started again",
            Live = "green",
            Cost = FaultCost.Reads,
            Strike = scene => scene.RestartGreenAsync(),
        }),
    ];

    private static IEnumerable<FaultCase> BlueDies() =>
    [
        .. At(Fenced, Positioned, Drained, Promoted, Committed).Select(at => at with
        {
            Fault = "Blue is stopped and started",
            Cost = FaultCost.Reads,
            Strike = scene => scene.RestartBlueAsync(),
        }),
        .. At(Fenced, Positioned, Drained, Promoted, Committed).Select(at => at with
        {
            Fault = "Blue crashes and recovers",
            Cost = FaultCost.Reads,
            Strike = scene => scene.CrashBlueAsync(),
            Representative = at.Step == StepName.Position,
        }),
        .. At((StepName.Replicate, FaultMoment.AfterAct)).Select(at => at with
        {
            Fault = "Blue crashes and recovers during the copy",
            Cost = FaultCost.Reads,
            Strike = scene => scene.CrashBlueAsync(),
        }),
        .. At(Fenced).Select(at => at with
        {
            Fault = "Blue crashes and recovers while green is behind",
            Cost = FaultCost.Reads,
            BeforeStrike = scene => scene.SlowGreenDown(),
            Strike = scene => scene.CrashBlueAsync(),
        }),
    ];

    private static IEnumerable<FaultCase> LinkAndDisk() =>
    [
        .. At(BeforeFence, Fenced, Positioned, Drained, Committed).Select(at => at with
        {
            Fault = "Nothing of blue's stream reaches green",
            Shape = Shape with { BehindLink = true },
            Strike = scene => scene.CutLinkAsync(),
            Mend = scene => scene.MendLinkAsync(),
        }),
        .. At((StepName.Replicate, FaultMoment.AfterAct), BeforeFence, Fenced, Positioned).Select(at => at with
        {
            Fault = "The replication connection flaps",
            Strike = Now(scene => scene.Service.Bed.Own(new FlappingSender(((PostgresFaultScene)scene).Service.Blue))),
        }),
    ];

    private static IEnumerable<FaultCase> PoolerDies() =>
    [
        .. At(BeforeFence, Fenced, Promoted, Committed).Select(at => at with
        {
            Fault = "PgBouncer is frozen for a second",
            Strike = Now(scene => scene.FreezeRouter(TimeSpan.FromSeconds(1))),
        }),
        .. At(BeforeFence, Fenced, Committed).Select(at => at with
        {
            Fault = "PgBouncer is frozen beyond the deadline",
            Strike = Now(scene => scene.FreezeRouter(at.Shape.WindowDeadline + TimeSpan.FromSeconds(1))),
        }),
        .. At(BeforeFence, Fenced, Promoted, Committed, Opened).Select(at => at with
        {
            // Its clients connect again; a new PgBouncer knows no pause, and passes on what the fence says.
            Fault = "PgBouncer is killed and started again",
            Cost = FaultCost.Connections,
            Strike = scene => scene.RestartRouterAsync(),
            Representative = at.Step == StepName.Commit,
        }),
    ];

    private static IEnumerable<FaultCase> GuardAndKeeperDie() =>
    [
        .. At(BeforeFence, Fenced, Promoted, Committed, Opened).Select(at => at with
        {
            Fault = "The guard is killed",
            Strike = Now(scene => Assert.NotEqual(0, scene.Kill("guard"))),
        }),
        .. At(Fenced, Promoted, Committed).Select(at => at with
        {
            Fault = "The guard is suspended, and goes on when another has taken its place",
            Strike = Now(scene => scene.SuspendGuard(TimeSpan.FromSeconds(8))),
        }),
        .. At(Fenced, Committed).Select(at => at with
        {
            Fault = "The keeper is killed",
            Live = "green",
            Strike = Now(scene => Assert.NotEqual(0, scene.Kill("keeper"))),
        }),
    ];

    private static IEnumerable<FaultCase> ClientsHold() =>
    [
        .. At(BeforeFence).Select(at => at with
        {
            Fault = "A transaction that never ends is open past PgBouncer",
            Live = "green",
            Strike = OnPostgres(scene => scene.OpenTransactionAsync(scene.Service.Blue.Port, "INSERT INTO past VALUES ('open', 'blue')")),
        }),
        .. At(BeforeFence).Select(at => at with
        {
            Fault = "A transaction that never ends is open through PgBouncer",
            Live = "green",
            Strike = OnPostgres(scene => scene.OpenTransactionAsync(scene.Service.Pooler.Port, "INSERT INTO past VALUES ('open', 'blue')")),
        }),
        .. At(BeforeFence).Select(at => at with
        {
            // Those who wait for its locks are in transactions themselves, and end with it when the grace time is over.
            Fault = "A client holds the locks that all others wait for",
            Live = "green",
            Cost = FaultCost.Connections,
            Strike = OnPostgres(scene => scene.OpenTransactionAsync(scene.Service.Blue.Port, "LOCK TABLE ledger_record IN ACCESS EXCLUSIVE MODE")),
        }),
    ];

    private static Func<FaultScene, Task> OnPostgres(Func<PostgresFaultScene, Task> act) => scene => act((PostgresFaultScene)scene);

    private static Func<FaultScene, Task> Now(Action<FaultScene> act) => scene =>
    {
        act(scene);
        return Task.CompletedTask;
    };

    private static IEnumerable<FaultCase> At(params (StepName Step, FaultMoment Moment)[] moments) =>
        moments.Select(at => new FaultCase { Fault = string.Empty, Step = at.Step, Moment = at.Moment, Shape = Shape });
}
