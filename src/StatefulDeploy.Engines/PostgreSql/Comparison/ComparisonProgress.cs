using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.PostgreSql.Comparison;

/// <summary>How far a comparison has come: what its checkpoint file holds.</summary>
internal sealed record ComparisonProgress
{
    /// <summary>Version of this form.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>Which two servers, and the upgrade: progress with others means nothing.</summary>
    public string Servers { get; init; } = string.Empty;

    /// <summary>All ranges of all tables.</summary>
    public IReadOnlyList<ComparedRange> Ranges { get; init; } = [];

    /// <summary>Rows of source looked at.</summary>
    public long Rows { get; init; }

    /// <summary>How many differ.</summary>
    public long Differences { get; init; }

    /// <summary>The first of them.</summary>
    public IReadOnlyList<DataDifference> Details { get; init; } = [];

    /// <summary>Time spent in earlier runs of this comparison.</summary>
    public TimeSpan Elapsed { get; init; }
}
