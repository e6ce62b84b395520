namespace StatefulDeploy.Contracts;

/// <summary>What a comparison found.</summary>
/// <param name="ItemsCompared">Keys or rows looked at.</param>
/// <param name="Differences">How many differ, are missing or are too many.</param>
/// <param name="Details">The first of them.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record ComparisonResult(long ItemsCompared, long Differences, IReadOnlyList<DataDifference> Details, TimeSpan Elapsed)
{
    /// <summary>Whether both clusters hold the same.</summary>
    public bool Passed => Differences == 0;
}
