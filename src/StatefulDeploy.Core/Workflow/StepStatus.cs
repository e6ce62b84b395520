namespace StatefulDeploy.Workflow;

/// <summary>How far a step has come, as the journal tells it.</summary>
public enum StepStatus
{
    /// <summary>Not begun, or undone.</summary>
    Pending,

    /// <summary>Begun; whether it acted must be probed.</summary>
    Begun,

    /// <summary>It acted and was verified.</summary>
    Done,

    /// <summary>It failed.</summary>
    Failed,
}
