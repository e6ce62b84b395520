namespace StatefulDeploy.Workflow;

/// <summary>The seam of the fault-injection tests. In the product nothing happens there.</summary>
internal interface IFaultPoints
{
    /// <summary>Called at each moment of each step, and of what a step does to one node after another.</summary>
    void Reached(StepName step, FaultMoment moment, string? node = null);

    /// <summary>The fault points of one shard.</summary>
    IFaultPoints Of(string shard) => this;

    /// <summary>Whether a step is left out on purpose, so that the tests prove that the checker sees the loss.</summary>
    bool IsSkipped(string act);
}
