using System.Collections.Immutable;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard;

/// <summary>A window from its arming to its completion.</summary>
internal sealed record OpenWindow
{
    public required WindowPlan Plan { get; init; }

    /// <summary>The epoch under which it was armed.</summary>
    public required long Epoch { get; init; }

    /// <summary>When it was armed; the deadline counts from here.</summary>
    public required GuardInstant ArmedAt { get; init; }

    /// <summary>Stored before any target node is opened, and never taken back: from then on the commit cannot be reverted.</summary>
    public bool TargetOpened { get; init; }

    /// <summary>What its outcome file says; null while there is none.</summary>
    public WindowDecision? Decision { get; init; }

    /// <summary>Source nodes that this guard process has closed. Not stored: after a restart of the guard they are closed again before a commit.</summary>
    public ImmutableHashSet<string> Closed { get; init; } = [];

    /// <summary>Nodes that this guard process has opened as the outcome calls for. Not stored.</summary>
    public ImmutableHashSet<string> Opened { get; init; } = [];

    /// <summary>Whether this guard process has sent the router where the outcome calls for. Not stored.</summary>
    public bool Routed { get; init; }

    public WindowOutcome Outcome => Decision?.Outcome ?? WindowOutcome.Undecided;

    /// <summary>The nodes that the outcome lets take writes; none while it is undecided.</summary>
    public IEnumerable<Node> Winners => Outcome switch
    {
        WindowOutcome.Committed => Plan.Target.Nodes,
        WindowOutcome.Expired => Plan.Source.Nodes,
        _ => [],
    };

    /// <summary>Whether all nodes that the outcome calls for were opened.</summary>
    public bool Settled => Decision is not null && Winners.All(node => Opened.Contains(RegisterState.KeyOf(node)));

    /// <summary>Whether nothing hangs on it: a rehearsal.</summary>
    public bool IsHarmless => Plan.IsRehearsal;

    public bool HasSource(Node node) => Contains(Plan.Source, node);

    public bool HasTarget(Node node) => Contains(Plan.Target, node);

    private static bool Contains(ClusterLayout layout, Node node)
    {
        var key = RegisterState.KeyOf(node);
        return layout.Nodes.Any(other => RegisterState.KeyOf(other) == key);
    }
}
