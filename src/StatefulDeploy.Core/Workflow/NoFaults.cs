namespace StatefulDeploy.Workflow;

/// <summary>The product's fault points: none.</summary>
internal sealed class NoFaults : IFaultPoints
{
    public void Reached(StepName step, FaultMoment moment, string? node = null)
    {
    }

    public bool IsSkipped(string act) => false;
}
