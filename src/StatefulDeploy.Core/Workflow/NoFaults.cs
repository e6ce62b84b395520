namespace StatefulDeploy.Workflow;

/// <summary>The product's fault points: none.</summary>
internal sealed class NoFaults : IFaultPoints
{
    public void Reached(StepName step, FaultMoment moment)
    {
    }

    public bool IsSkipped(string act) => false;
}
