using StatefulDeploy.Upgrade.Tests.Stage;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>Cases in which the orchestrator lives, and something around it does not.</summary>
internal static class WorldFaults
{
    private static readonly (StepName, FaultMoment) BeforeFence = (StepName.Fence, FaultMoment.BeforeAct);
    private static readonly (StepName, FaultMoment) Fenced = (StepName.Fence, FaultMoment.AfterAct);
    private static readonly (StepName, FaultMoment) Positioned = (StepName.Position, FaultMoment.AfterAct);
    private static readonly (StepName, FaultMoment) Drained = (StepName.Drain, FaultMoment.AfterAct);
    private static readonly (StepName, FaultMoment) Promoted = (StepName.Promote, FaultMoment.AfterAct);
    private static readonly (StepName, FaultMoment) Committed = (StepName.Commit, FaultMoment.AfterAct);
    private static readonly (StepName, FaultMoment) Opened = (StepName.Open, FaultMoment.AfterAct);
    private static readonly ServiceShape WithReplicas = new() { Replicas = 1 };

    // Green comes from an address of its own, so that its packets can be told apart; in protected mode blue knows only the first.
    private static readonly ServiceShape OnTwoAddresses = new()
    {
        BlueSettings = ["appendonly yes", "protected-mode no"],
        GreenAddress = "127.0.0.2",
        GreenSettings = new Dictionary<string, string>(StringComparer.Ordinal) { ["bind-source-addr"] = "127.0.0.2" },
    };

    public static IEnumerable<FaultCase> Cases() =>
    [
        .. GreenDies(),
        .. BlueDies(),
        .. LinkAndDisk(),
        .. GatewayDies(),
        .. GuardAndKeeperDie(),
    ];

    private static IEnumerable<FaultCase> GreenDies() =>
    [
        .. At(Fenced, Positioned, Drained, Promoted, Committed).Select(at => at with
        {
            Fault = "Green is killed",
            Live = "blue",
            Strike = Now(scene => scene.KillGreen()),
            Representative = at.Step is StepName.Drain or StepName.Commit,
        }),
        .. At(Opened).Select(at => at with
        {
            // Its stream of changes ends with its process, so blue may not be able to go on with it.
            Fault = "Green is killed and started again",
            Live = "green",
            MayEndWayBack = true,
            Cost = FaultCost.Reads,
            Strike = scene => scene.RestartGreenAsync(),
        }),
    ];

    private static IEnumerable<FaultCase> BlueDies() =>
    [
        .. At(BeforeFence, Fenced, Promoted, Committed).Select(at => at with
        {
            Fault = "Blue's replica is killed",
            Shape = WithReplicas,
            Strike = OnRedis(scene => scene.Service.Replicas[0].KillAsync()),
            Mend = OnRedis(scene => scene.Service.Replicas[0].StartAsync()),
            Representative = at.Step == StepName.Promote,
        }),
        .. At(Fenced, Promoted, Committed).Select(at => at with
        {
            Fault = "Blue's replica is promoted, as an automatic failover would do it",
            Shape = WithReplicas,
            Strike = OnRedis(scene => scene.PromoteReplicaAsync()),
            Representative = at.Step == StepName.Fence,
        }),
        .. At(Fenced, Positioned, Drained, Promoted, Committed).Select(at => at with
        {
            Fault = "Blue is stopped and started",
            MayEndWayBack = at.Step >= StepName.Promote,
            Cost = FaultCost.Reads,
            Strike = scene => scene.RestartBlueAsync(),
        }),
        .. At(Fenced, Positioned, Drained, Promoted, Committed).Select(at => at with
        {
            Fault = "Blue is killed and started",
            MayEndWayBack = at.Step >= StepName.Promote,
            Cost = FaultCost.Reads,
            Strike = scene => scene.CrashBlueAsync(),
            Representative = at.Step == StepName.Position,
        }),
        .. At(Fenced, Positioned).Select(at => at with
        {
            Fault = "Blue is killed and started while green is behind",
            MayEndWayBack = at.Step >= StepName.Promote,
            Cost = FaultCost.Reads,
            BeforeStrike = scene => scene.SlowGreenDown(),
            Strike = scene => scene.CrashBlueAsync(),
        }),
    ];

    private static IEnumerable<FaultCase> LinkAndDisk() =>
    [
        .. At(BeforeFence, Fenced, Drained, Committed).Select(at => at with
        {
            Fault = "The link between blue and green is cut",
            Shape = OnTwoAddresses,
            Strike = scene => scene.CutLinkAsync(),
            Mend = scene => scene.MendLinkAsync(),
            NeedsRoot = true,
            Representative = at.Step == StepName.Fence && at.Moment == FaultMoment.BeforeAct,
        }),
        .. At((StepName.Provision, FaultMoment.AfterRecord), BeforeFence, Fenced, Committed).Select(at => at with
        {
            Fault = "Green's disk is full",
            SmallDiskMegabytes = 400,
            Shape = new ServiceShape { CatchUpDeadline = TimeSpan.FromSeconds(15) },
            Strike = Now(scene => scene.Disk!.Fill()),
            Mend = Now(scene => scene.Disk!.Free()),
            NoWritesBeforeMend = at.Step == StepName.Commit,
            NeedsRoot = true,
            Representative = at.Step == StepName.Provision,
        }),
    ];

    private static IEnumerable<FaultCase> GatewayDies() =>
    [
        .. At(BeforeFence, Fenced, Promoted, Committed).Select(at => at with
        {
            Fault = "The gateway is frozen for a second",
            Strike = Now(scene => scene.FreezeRouter(TimeSpan.FromSeconds(1))),
            Representative = at.Step == StepName.Promote,
        }),
        .. At(BeforeFence, Fenced, Committed).Select(at => at with
        {
            Fault = "The gateway is frozen beyond the deadline",
            Strike = Now(scene => scene.FreezeRouter(at.Shape.WindowDeadline + TimeSpan.FromSeconds(1))),
        }),
        .. At(BeforeFence, Fenced, Promoted, Committed, Opened).Select(at => at with
        {
            Fault = "The gateway is killed and started again",
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
            Representative = at.Step == StepName.Promote,
        }),
        .. At(Fenced, Promoted, Committed).Select(at => at with
        {
            Fault = "The guard is suspended, and goes on when another has taken its place",
            Strike = Now(scene => scene.SuspendGuard(TimeSpan.FromSeconds(8))),
            Representative = at.Step == StepName.Commit,
        }),
        .. At(Fenced, Committed).Select(at => at with
        {
            Fault = "The keeper is killed",
            Live = "green",
            Strike = Now(scene => Assert.NotEqual(0, scene.Kill("keeper"))),
            Representative = at.Step == StepName.Commit,
        }),
    ];

    private static Func<FaultScene, Task> OnRedis(Func<RedisFaultScene, Task> act) => scene => act((RedisFaultScene)scene);

    private static Func<FaultScene, Task> Now(Action<FaultScene> act) => scene =>
    {
        act(scene);
        return Task.CompletedTask;
    };

    private static IEnumerable<FaultCase> At(params (StepName Step, FaultMoment Moment)[] moments) =>
        moments.Select(at => new FaultCase { Fault = string.Empty, Step = at.Step, Moment = at.Moment });
}
