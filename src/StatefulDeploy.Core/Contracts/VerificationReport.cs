using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>What verification found.</summary>
public sealed record VerificationReport
{
    /// <summary>Whether every suite and the comparison passed, or the skip was consented to.</summary>
    public bool Passed { get; init; }

    /// <summary>The suites.</summary>
    public IReadOnlyList<SuiteResult> Suites { get; init; } = [];

    /// <summary>The comparison; null when it was not run.</summary>
    public ComparisonResult? Comparison { get; init; }

    /// <summary>The cluster, for the next cmdlet.</summary>
    public required StatefulCluster Cluster { get; init; }

    /// <summary>Why it was skipped; empty when it was not.</summary>
    public string SkippedBecause { get; init; } = string.Empty;
}
