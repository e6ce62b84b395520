using System.Collections.Concurrent;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard.Host;

/// <summary>The gate of a pretended node: one line an act.</summary>
public sealed class WireGate : INodeGate
{
    private readonly ConcurrentDictionary<NodeEndpoint, WireNode> _nodes = new();

    public Task PrepareAsync(Node node, GateContext context, CancellationToken cancellationToken) => DoAsync("PREPARE", node, context, cancellationToken);

    public Task CloseAsync(Node node, GateContext context, CancellationToken cancellationToken) => DoAsync("CLOSE", node, context, cancellationToken);

    public Task OpenAsync(Node node, GateContext context, CancellationToken cancellationToken) => DoAsync("OPEN", node, context, cancellationToken);

    public async Task<GateState> ProbeAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        try
        {
            return Enum.Parse<GateState>(await DoAsync("PROBE", node, context, cancellationToken));
        }
        catch (UpgradeException)
        {
            return GateState.Unreachable;
        }
    }

    public async Task RevokeAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        using var fresh = new WireNode();
        await fresh.AskAsync(node.Endpoint, Line("REVOKE", context), cancellationToken);
        _nodes.TryRemove(node.Endpoint, out _);
    }

    /// <summary>An act that is none of the gate's, on the gate's own connection, so that it is revoked like the others.</summary>
    public Task<string> SayAsync(string act, Node node, string upgradeId, CancellationToken cancellationToken) =>
        _nodes.GetOrAdd(node.Endpoint, _ => new WireNode()).AskAsync(node.Endpoint, $"{act} {upgradeId} {Environment.ProcessId}", cancellationToken);

    private Task<string> DoAsync(string act, Node node, GateContext context, CancellationToken cancellationToken) =>
        _nodes.GetOrAdd(node.Endpoint, _ => new WireNode()).AskAsync(node.Endpoint, Line(act, context), cancellationToken);

    private static string Line(string act, GateContext context) => $"{act} {context.Epoch} {Environment.ProcessId}";
}
