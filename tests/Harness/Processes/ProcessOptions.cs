namespace StatefulDeploy.Harness.Processes;

/// <summary>How a process of a test is started.</summary>
public sealed record ProcessOptions
{
    /// <summary>Variables besides those of the test process; null takes one away.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Where it runs.</summary>
    public string? WorkingDirectory { get; init; }
}
