namespace StatefulDeploy.Model;

/// <summary>One verification suite, run against green: a command or a Pester file of the user's, or a workload.</summary>
public sealed record SuiteDescription
{
    /// <summary>The name of the suite.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for.</summary>
    public SuiteKind Kind { get; init; }

    /// <summary>The program and its arguments; empty when it is another sort of suite.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>A Pester test file, run by pwsh; null when it is another sort of suite.</summary>
    public string? PesterFile { get; init; }

    /// <summary>A load that the engine replays itself; null when <see cref="Command"/> or <see cref="PesterFile"/> is set. Its kind is load.</summary>
    public WorkloadDescription? Workload { get; init; }

    /// <summary>Whether it writes: then it runs on a disposable copy of green.</summary>
    public bool Writes { get; init; }

    /// <summary>How long it may run.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Where it leaves NUnit or JUnit results, relative to its working folder; null for the exit code alone.</summary>
    public string? Results { get; init; }

    /// <summary>Load: the highest allowed ratio of a latency percentile on green to blue's; 1.2 means 20 % slower.</summary>
    public double MaxLatencyRatio { get; init; } = 1.2;

    /// <summary>Load: the lowest allowed ratio of green's throughput to blue's.</summary>
    public double MinThroughputRatio { get; init; } = 0.9;
}
