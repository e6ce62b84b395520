using StatefulDeploy.Model;

namespace StatefulDeploy.Reuse;

/// <summary>A volume and the two servers between which it goes.</summary>
/// <param name="Volume">The volume.</param>
/// <param name="From">The blue node whose data it holds.</param>
/// <param name="To">The green node that takes it.</param>
public sealed record NodeTransfer(VolumeDescription Volume, Node From, Node To)
{
    /// <summary>Whether it goes from machine to machine; otherwise the new server stands beside the old one.</summary>
    public bool ChangesHost => From.Host != To.Host;

    /// <summary>Whether it is blue's writer that gives it up: that happens last, when green has served for the soak time.</summary>
    public bool IsLast => From.Role == NodeRole.Primary;

    /// <summary>Whether it goes from writer to writer: of a cluster of one node, which nobody stands in for meanwhile.</summary>
    public bool IsOutage => From.Role == NodeRole.Primary && To.Role == NodeRole.Primary;

    /// <summary>The volume and the way that it goes.</summary>
    public override string ToString() => $"volume '{Volume.Name}' from {From} to {To}";
}
