namespace StatefulDeploy.Model;

/// <summary>A load that the engine replays by its own means, and whose plans it compares; described instead of a command.</summary>
public sealed record WorkloadDescription
{
    /// <summary>Scripts of the engine's load program, or files of statements.</summary>
    public IReadOnlyList<WorkloadScript> Scripts { get; init; } = [];

    /// <summary>How many of the statements that cost the old cluster most are replayed besides; 0 for none.</summary>
    public int Sample { get; init; }

    /// <summary>Clients that send them at once.</summary>
    public int Clients { get; init; } = 8;

    /// <summary>How long they do.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The highest allowed ratio of a plan's estimated cost on green to blue's.</summary>
    public double MaxPlanCostRatio { get; init; } = 2;
}
