using System.Collections.Concurrent;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard;

/// <summary>One lane a node, made at its first act.</summary>
internal sealed class NodeLanes(IPlatform platform, GuardLog log)
{
    private readonly ConcurrentDictionary<string, NodeLane> _lanes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ISecrets> _secrets = new(StringComparer.Ordinal);

    /// <summary>Queues an act of the gate on a node.</summary>
    public Task<GateState> Enqueue(GuardOperation operation, Node node, ServiceDescription service, string upgradeId, long epoch)
    {
        var gate = platform.FindEngine(service.Engine).Gate;
        var context = ContextFor(node, service, upgradeId, epoch);
        var act = new LaneAct(operation.ToString(), CareOf(operation, node), context, service.Limits.Answer, token => DoAsync(gate, operation, node, context, token));
        return Enqueue(node, service, act);
    }

    /// <summary>Queues an act of the engine in the lanes of all nodes of its target.</summary>
    /// <returns>What it told on the way.</returns>
    public async Task<IReadOnlyList<ReportEvent>> EnqueueAsync(ActRequest request, ServiceDescription service, long epoch)
    {
        var nodes = request.Target.Nodes.ToList();
        var act = new EngineAct(request, platform, service, SecretsOf(service), nodes.Count);
        await Task.WhenAll(nodes.Select(node => Enqueue(
            node, service, new LaneAct(request.Act.ToString(), CareOf(request.Act, node), ContextFor(node, service, request.UpgradeId, epoch), request.Within, act.JoinAsync))));
        return act.Events;
    }

    // A server that is to be ended may be gone already; a dead replica need not keep its primary from following.
    private static LaneCare CareOf(GuardedAct act, Node node) =>
        act is GuardedAct.Remove or GuardedAct.Retire or GuardedAct.MoveVolume or GuardedAct.ReturnVolume or GuardedAct.TakeAway ? LaneCare.None : node.Role == NodeRole.Primary ? LaneCare.Revoke : LaneCare.TryRevoke;

    // A replica of the target that is down need not keep the window from being closed: what it was sent is revoked before it is acted on again.
    private static LaneCare CareOf(GuardOperation operation, Node node) => operation switch
    {
        GuardOperation.Probe => LaneCare.None,
        GuardOperation.Settle when node.Role != NodeRole.Primary => LaneCare.TryRevoke,
        _ => LaneCare.Revoke,
    };

    private static async Task<GateState> DoAsync(INodeGate gate, GuardOperation operation, Node node, GateContext context, CancellationToken cancellationToken)
    {
        if (operation == GuardOperation.Probe)
            return await gate.ProbeAsync(node, context, cancellationToken);

        if (operation == GuardOperation.Settle)
            return GateState.Closed;

        await (operation switch
        {
            GuardOperation.Prepare => gate.PrepareAsync(node, context, cancellationToken),
            GuardOperation.Close => gate.CloseAsync(node, context, cancellationToken),
            GuardOperation.Open => gate.OpenAsync(node, context, cancellationToken),
            _ => throw new InvalidOperationException($"'{operation}' is no act on a node."),
        });
        return operation == GuardOperation.Open ? GateState.Open : GateState.Closed;
    }

    private Task<GateState> Enqueue(Node node, ServiceDescription service, LaneAct act)
    {
        var lane = _lanes.GetOrAdd(RegisterState.KeyOf(node), _ => new NodeLane(platform.FindEngine(service.Engine).Gate, node));
        var task = lane.Enqueue(act);
        if (act.Kind != nameof(GuardOperation.Probe))
            _ = TellAsync(act.Kind, node, task);

        return task;
    }

    private GateContext ContextFor(Node node, ServiceDescription service, string upgradeId, long epoch) =>
        new(service, upgradeId, epoch, SecretsOf(service), platform.CreateHosts(service)[node.Host]);

    private ISecrets SecretsOf(ServiceDescription service) => _secrets.GetOrAdd(service.GuardDirectory, _ => platform.CreateSecrets(service));

    private async Task TellAsync(string kind, Node node, Task<GateState> act)
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
