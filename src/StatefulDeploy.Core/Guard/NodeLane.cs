using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard;

/// <summary>
/// The acts on one node, one after another in the order of their decisions. A later act of another kind ends the one under way, and
/// what that one may have sent already is made harmless before anything else is sent.
/// </summary>
internal sealed class NodeLane(INodeGate gate, Node node)
{
    private readonly List<LaneAct> _pending = [];
    private Task _tail = Task.CompletedTask;

    // An older guard process may have died with bytes on their way to the node.
    private bool _mustRevoke = true;

    /// <summary>Queues an act. Calls are made one at a time, by whoever holds the guard's turn: their order is the order of decisions.</summary>
    /// <exception cref="UpgradeException">The act failed, took longer than allowed, or a later one of another kind came.</exception>
    public Task<GateState> Enqueue(GuardOperation kind, GateContext context, TimeSpan within)
    {
        var act = new LaneAct(kind, context, within);
        lock (_pending)
        {
            foreach (var other in _pending.Where(other => other.Kind != kind).ToList())
                other.Cancel();

            _pending.Add(act);
        }

        var task = RunAsync(_tail, act);
        _tail = task;
        return task;
    }

    private async Task<GateState> RunAsync(Task before, LaneAct act)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        try
        {
            act.Start();
            return await ActAsync(act);
        }
        catch (Exception error)
        {
            _mustRevoke |= act.Kind != GuardOperation.Probe;
            throw act.Explain(error, node);
        }
        finally
        {
            lock (_pending)
                _pending.Remove(act);

            act.Dispose();
        }
    }

    private async Task<GateState> ActAsync(LaneAct act)
    {
        if (act.Kind == GuardOperation.Probe)
            return await gate.ProbeAsync(node, act.Context, act.Token);

        if (_mustRevoke)
        {
            await gate.RevokeAsync(node, act.Context, act.Token);
            _mustRevoke = false;
        }

        await (act.Kind switch
        {
            GuardOperation.Prepare => gate.PrepareAsync(node, act.Context, act.Token),
            GuardOperation.Close => gate.CloseAsync(node, act.Context, act.Token),
            GuardOperation.Open => gate.OpenAsync(node, act.Context, act.Token),
            _ => throw new InvalidOperationException($"'{act.Kind}' is no act on a node."),
        });
        return act.Kind == GuardOperation.Open ? GateState.Open : GateState.Closed;
    }
}
