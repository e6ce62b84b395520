namespace StatefulDeploy.Workflow;

/// <summary>A moment of a step at which the fault-injection tests end or stop the process.</summary>
public enum FaultMoment
{
    /// <summary>The intent is recorded, nothing was done.</summary>
    BeforeAct,

    /// <summary>The act is done, nothing was recorded.</summary>
    AfterAct,

    /// <summary>The act is recorded.</summary>
    AfterRecord,
}
