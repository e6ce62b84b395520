using System.Collections.Immutable;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard;

/// <summary>All that a guard knows of its service. Immutable: the rules make the next one, and the guard stores it before it acts on it.</summary>
internal sealed record RegisterState
{
    /// <summary>The highest epoch ever given or seen. Every node of this guard refuses a lower one.</summary>
    public long Epoch { get; init; }

    public GuardLease? Lease { get; init; }

    /// <summary>What completed windows have left each node with, by endpoint. A node that no window had is not in here.</summary>
    public ImmutableSortedDictionary<string, NodeRight> Rights { get; init; } = ImmutableSortedDictionary.Create<string, NodeRight>(StringComparer.Ordinal);

    /// <summary>The window that is armed and not completed; null when there is none.</summary>
    public OpenWindow? Window { get; init; }

    /// <summary>A node is known by where it is reached: names and colours change from one upgrade to the next.</summary>
    public static string KeyOf(Node node) => node.Endpoint.ToString();
}
