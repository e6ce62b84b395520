using System.Text.Json.Nodes;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Azure.Routing;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.LoadBalancing;

/// <summary>What stands against switching a backend pool, and what its probe costs.</summary>
internal static class PoolInspection
{
    public static async Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, BackendPool pool, string subject, CancellationToken cancellationToken)
    {
        var sight = await pool.ReadAsync(cancellationToken);
        var writer = context.Source.Writer.Endpoint;
        var address = await OneWriter.AddressAsync(writer, cancellationToken);
        var findings = new List<Finding>(await pool.InspectRightsAsync(sight.IsByAddress, cancellationToken));
        if (sight.Members is not [var only] || only.Address != address)
            findings.Add(Finding.Refuse("PoolMembers", subject, $"Its pool has {(sight.Members.Count == 0 ? "no member" : string.Join(", ", sight.Members.Select(member => member.Address)))}, and the writer of the cluster is {address}. Whoever else is in it would get writes.", "Let the writer alone be in this pool; replicas that serve reads have a pool and a rule of their own."));
        if (sight.Balancer.ProvisioningState == "Failed")
            findings.Add(Finding.Refuse("BalancerFailed", subject, "The balancer is in the state Failed.", "Update it (az network lb update), and see its activity log."));
        findings.AddRange(Rules(sight, writer, subject));
        foreach (var node in context.Target.Primaries)
        {
            if (!sight.IsByAddress && context.Hosts[node.Host].Exists)
                await pool.FindMemberAsync(node.Endpoint, cancellationToken);
            if (node.Endpoint.Port != writer.Port)
                findings.Add(Finding.Refuse("BalancerPort", subject, $"Green's {node} has another port than blue's writer, {writer.Port}, and a rule of a balancer sends to one port.", "Let green have blue's port; its machines have addresses of their own."));
        }

        return findings;
    }

    private static IEnumerable<Finding> Rules(PoolSight sight, NodeEndpoint writer, string subject)
    {
        if (sight.Rules.Count == 0)
            yield return Finding.Refuse("PoolWithoutRule", subject, "No rule of the balancer sends flows to this pool.", "Make a load balancing rule for it.");

        foreach (var rule in sight.Rules)
        {
            if (rule.Number("properties", "backendPort") is { } port && port != 0 && (int)port != writer.Port)
                yield return Finding.Refuse("BalancerPort", subject, $"The rule '{rule.Text("name")}' sends to port {port:0}, and the writer listens on {writer.Port}.", "Correct the rule, or the node's endpoint.");
            yield return Probe(sight, rule, writer, subject);
        }
    }

    private static Finding Probe(PoolSight sight, JsonObject rule, NodeEndpoint writer, string subject)
    {
        if (sight.ProbeOf(rule)?["properties"] is not { } probe)
            return Finding.Warn("NoProbe", subject, $"The rule '{rule.Text("name")}' has no health probe: flows go to a member whether it serves or not.", "Give the rule a probe of the engine's port.");

        var seconds = (probe.Number("intervalInSeconds") ?? 15) * Math.Max(probe.Number("probeThreshold") ?? 1, 1);
        return (int)(probe.Number("port") ?? 0) == writer.Port
            ? Finding.Inform("ProbeTime", subject, $"Its probe needs up to {seconds:0} s until green gets flows.")
            : Finding.Warn("ProbePort", subject, $"The probe of the rule '{rule.Text("name")}' asks port {probe.Number("port"):0}, and the engine listens on {writer.Port}: something on green must answer there.", $"Let the probe ask port {writer.Port}, or see that green answers it. It needs up to {seconds:0} s.");
    }
}
