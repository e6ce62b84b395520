using StatefulDeploy.Workflow;

namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>Cases in which the orchestrator lives and something around it does not.</summary>
internal static class WorldFaults
{
    private static readonly (StepName Step, FaultMoment Moment)[] InTheWindow =
    [
        (StepName.Fence, FaultMoment.AfterAct),
        (StepName.Position, FaultMoment.AfterAct),
        (StepName.Drain, FaultMoment.AfterAct),
        (StepName.Promote, FaultMoment.AfterAct),
        (StepName.Commit, FaultMoment.AfterAct),
        (StepName.Open, FaultMoment.AfterAct),
    ];

    public static IEnumerable<FaultCase> Cases() =>
    [
        .. InTheWindow.Select(at => At(at) with
        {
            Fault = "Green is killed",
            Strike = scene =>
            {
                scene.KillGreen();
                return Task.CompletedTask;
            },
        }),
    ];

    private static FaultCase At((StepName Step, FaultMoment Moment) at) => new() { Fault = string.Empty, Step = at.Step, Moment = at.Moment };
}
