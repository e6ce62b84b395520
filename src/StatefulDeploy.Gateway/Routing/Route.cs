using StatefulDeploy.Model;

namespace StatefulDeploy.Gateway.Routing;

/// <summary>Where requests go. Immutable: a change is a new one.</summary>
internal sealed record Route
{
    public required NodeEndpoint Target { get; init; }

    /// <summary>Where reads go while writes are held for a switch; null otherwise.</summary>
    public NodeEndpoint? ReadTarget { get; init; }

    /// <summary>Where a second connection of each session is kept ready; null for nowhere.</summary>
    public NodeEndpoint? Prepared { get; init; }

    public RoutePhase Phase { get; init; }

    /// <summary>The highest epoch seen.</summary>
    public long Epoch { get; init; }

    /// <summary>The hold that is on; null when there is none.</summary>
    public Hold? Hold { get; init; }

    /// <summary>Whether transactions that were open when the hold began may still go on. Not stored: after a restart there are none.</summary>
    public bool TransactionsGoOn { get; init; }

    /// <summary>Where what may be sent goes now.</summary>
    public NodeEndpoint Current => Phase == RoutePhase.Reads ? ReadTarget! : Target;
}
