using StatefulDeploy.Azure.Arm;

namespace StatefulDeploy.Azure.LoadBalancing;

/// <summary>Who gets the flows of a balancer.</summary>
/// <param name="Address">Its private address.</param>
/// <param name="Interface">The network interface that is in the pool; null for a member by address.</param>
/// <param name="Configuration">The IP configuration of that interface; null for a member by address.</param>
internal sealed record PoolMember(string Address, ResourceId? Interface, string? Configuration);
