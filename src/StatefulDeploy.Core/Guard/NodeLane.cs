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
    public Task<GateState> Enqueue(LaneAct act)
    {
        lock (_pending)
        {
            // A copy: what ends here and now takes itself off the list.
            foreach (var other in _pending.Where(other => other.Kind != act.Kind).ToList())
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
            if (_mustRevoke && act.Care != LaneCare.None)
                await RevokeAsync(act);

            return await act.RunAsync();
        }
        catch (Exception error)
        {
            _mustRevoke |= act.Care != LaneCare.None;
            throw act.Explain(error, node);
        }
        finally
        {
            lock (_pending)
                _pending.Remove(act);

            act.Dispose();
        }
    }

    private async Task RevokeAsync(LaneAct act)
    {
        try
        {
            await gate.RevokeAsync(node, act.Context, act.Token);
            _mustRevoke = false;
        }
        catch (UpgradeException) when (act.Care == LaneCare.TryRevoke)
        {
            // It is tried again before an act that depends on it.
        }
    }
}
