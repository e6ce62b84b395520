namespace StatefulDeploy.Workflow;

/// <summary>The share of an upgrade that is behind, read off the table's weights.</summary>
internal static class Progress
{
    private static readonly double Total = UpgradeWorkflow.Steps.Sum(step => step.Weight);

    /// <summary>The percentage when a step is done to a fraction of 0 to 1.</summary>
    internal static double Within(StepName step, double fraction)
    {
        var before = UpgradeWorkflow.Steps.Where(row => row.Name < step).Sum(row => row.Weight);
        var own = UpgradeWorkflow.Steps.First(row => row.Name == step).Weight;
        return 100 * (before + own * fraction) / Total;
    }
}
