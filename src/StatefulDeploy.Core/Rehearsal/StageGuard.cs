using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Rehearsal;

/// <summary>A guard that guards nothing and permits everything.</summary>
internal sealed class StageGuard : IGuard
{
    // What the rows prove: the source is closed, and the target is opened at the end.
    private GateState _target = GateState.Closed;
    private WindowStatus? _window;

    public long Epoch => 1;

    public CancellationToken LeaseLost => CancellationToken.None;

    public Task RehearseAsync(IReadOnlyList<Node> harmless, CancellationToken cancellationToken) => LaterAsync();

    public Task ArmAsync(WindowPlan plan, CancellationToken cancellationToken)
    {
        _window = new WindowStatus(plan, WindowOutcome.Undecided, DateTimeOffset.MaxValue, Settled: false);
        return LaterAsync();
    }

    public Task PrepareGatesAsync(IReadOnlyList<Node> nodes, CancellationToken cancellationToken) => LaterAsync();

    public Task CloseGatesAsync(IReadOnlyList<Node> nodes, CancellationToken cancellationToken) => LaterAsync();

    public Task OpenGatesAsync(IReadOnlyList<Node> nodes, CancellationToken cancellationToken)
    {
        _target = GateState.Open;
        return LaterAsync();
    }

    public async Task<IReadOnlyDictionary<string, GateState>> ProbeGatesAsync(IReadOnlyList<Node> nodes, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return nodes.ToDictionary(node => node.Name, node => node.Colour == ClusterColour.Blue ? GateState.Closed : _target, StringComparer.Ordinal);
    }

    public Task ActAsync(GuardedAct act, EngineContext context, ClusterPosition? position, TimeSpan within, CancellationToken cancellationToken) => LaterAsync();

    public Task<WindowOutcome> CommitAsync(string windowId, CancellationToken cancellationToken) => LaterAsync(WindowOutcome.Committed);

    public Task<WindowOutcome> ExpireAsync(string windowId, CancellationToken cancellationToken) => LaterAsync(WindowOutcome.Expired);

    public Task<WindowOutcome> RevertAsync(string windowId, CancellationToken cancellationToken) => LaterAsync(WindowOutcome.Expired);

    public Task<WindowStatus?> GetWindowAsync(CancellationToken cancellationToken) => LaterAsync(_window);

    public Task CompleteAsync(string windowId, CancellationToken cancellationToken) => LaterAsync();

    public Task ReleaseAsync(CancellationToken cancellationToken) => LaterAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task LaterAsync() => await Task.Yield();

    private static async Task<T> LaterAsync<T>(T value)
    {
        await Task.Yield();
        return value;
    }
}
