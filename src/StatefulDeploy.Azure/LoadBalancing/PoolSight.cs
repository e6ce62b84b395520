using System.Text.Json.Nodes;
using StatefulDeploy.Azure.Arm;

namespace StatefulDeploy.Azure.LoadBalancing;

/// <summary>A backend pool and its balancer, as Azure tells them.</summary>
/// <param name="Balancer">The balancer, with its rules and probes.</param>
/// <param name="Pool">The pool, with all that we do not know.</param>
/// <param name="Members">Who is in it.</param>
internal sealed record PoolSight(ArmResource Balancer, ArmResource Pool, IReadOnlyList<PoolMember> Members)
{
    /// <summary>Whether its members are addresses, and not network interfaces.</summary>
    public bool IsByAddress => Addresses.Any(one => one.Text("properties", "ipAddress") is not null && one.At("properties", "networkInterfaceIPConfiguration") is null)
        || (Members.Count == 0 && Pool.Properties.Text("virtualNetwork", "id") is not null);

    /// <summary>The addresses in it.</summary>
    public IReadOnlyList<JsonObject> Addresses => Pool.Properties.Objects("loadBalancerBackendAddresses");

    /// <summary>The rules that send flows to it.</summary>
    public IReadOnlyList<JsonObject> Rules => [.. Balancer.Properties.Objects("loadBalancingRules").Where(Uses)];

    /// <summary>The probe of a rule; null when it has none.</summary>
    public JsonObject? ProbeOf(JsonObject rule) => rule.Text("properties", "probe", "id") is { } id
        ? Balancer.Properties.Objects("probes").FirstOrDefault(probe => string.Equals(probe.Text("id"), id, StringComparison.OrdinalIgnoreCase))
        : null;

    private bool Uses(JsonObject rule) => rule.Objects("properties", "backendAddressPools").Append(rule.At("properties", "backendAddressPool") as JsonObject)
        .Any(pool => string.Equals(pool.Text("id"), Pool.Text("id"), StringComparison.OrdinalIgnoreCase));
}
