namespace StatefulDeploy.Load;

/// <summary>Percentiles, over clients, of each client's longest time between two answers. Milliseconds.</summary>
/// <param name="Clients">How many clients' gaps these are.</param>
/// <param name="P50">The median client's.</param>
/// <param name="P99">The 99th percentile.</param>
/// <param name="Max">The worst client's.</param>
public sealed record GapSummary(int Clients, double P50, double P99, double Max)
{
    /// <summary>Summarizes gaps; nearest rank, so that every figure is one that a client saw.</summary>
    /// <param name="gaps">The gap of each client, or of each client of each of several switches.</param>
    public static GapSummary Of(IReadOnlyCollection<TimeSpan> gaps)
    {
        ArgumentNullException.ThrowIfNull(gaps);
        if (gaps.Count == 0)
        {
            return new GapSummary(0, 0, 0, 0);
        }

        var sorted = gaps.Select(gap => gap.TotalMilliseconds).Order().ToArray();
        return new GapSummary(sorted.Length, Rank(sorted, 0.50), Rank(sorted, 0.99), sorted[^1]);
    }

    private static double Rank(double[] sorted, double share) =>
        Math.Round(sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)], 3);
}
