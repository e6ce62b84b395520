using System.Collections.Concurrent;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard;

/// <summary>One lane a node, made at its first act.</summary>
internal sealed class NodeLanes(IPlatform platform, GuardLog log)
{
    private readonly ConcurrentDictionary<string, NodeLane> _lanes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ISecrets> _secrets = new(StringComparer.Ordinal);

    public Task<GateState> Enqueue(GuardOperation kind, Node node, ServiceDescription service, string upgradeId, long epoch)
    {
        var lane = _lanes.GetOrAdd(RegisterState.KeyOf(node), _ => new NodeLane(platform.FindEngine(service.Engine).Gate, node));
        var secrets = _secrets.GetOrAdd(service.GuardDirectory, _ => platform.CreateSecrets(service));
        var context = new GateContext(service, upgradeId, epoch, secrets, platform.CreateHosts(service)[node.Host]);
        var act = lane.Enqueue(kind, context, service.Limits.Answer);
        if (kind != GuardOperation.Probe)
            _ = TellAsync(kind, node, act);

        return act;
    }

    private async Task TellAsync(GuardOperation kind, Node node, Task<GateState> act)
    {
        try
        {
            await act;
            log.Write($"{kind} of {node}: done.");
        }
        catch (UpgradeException error)
        {
            log.Write($"{kind} of {node} failed: {error.Message}");
        }
    }
}
