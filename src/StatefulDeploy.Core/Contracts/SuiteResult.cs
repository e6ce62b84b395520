using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>How one suite ended.</summary>
public sealed record SuiteResult
{
    /// <summary>The suite.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for.</summary>
    public SuiteKind Kind { get; init; }

    /// <summary>Whether it passed.</summary>
    public bool Passed { get; init; }

    /// <summary>The exit code of its command; null when it was ended at its deadline.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Tests run, from its results file; null without one.</summary>
    public int? Tests { get; init; }

    /// <summary>Tests failed, from its results file; null without one.</summary>
    public int? Failures { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Load: measured ratios of green to blue by name, such as <c>p99</c> and <c>throughput</c>.</summary>
    public IReadOnlyDictionary<string, double> Ratios { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>Expected, actual and why, for every failure; what it printed last otherwise.</summary>
    public string Notes { get; init; } = string.Empty;
}
