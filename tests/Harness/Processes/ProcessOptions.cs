namespace StatefulDeploy.Harness.Processes;

/// <summary>How a process of a test is started.</summary>
public sealed record ProcessOptions
{
    /// <summary>Variables besides those of the test process; null takes one away.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Where it runs.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The process in whose namespaces it runs (network, mounts, host name, process ids), as <see cref="Fleet.TestMachine"/> gives it; null for our own.</summary>
    public int? Inside { get; init; }
}
