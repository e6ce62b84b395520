using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Upgrade.Host;

/// <summary>The guard over a line that loses one message, once. All else passes through.</summary>
internal sealed class LossyGuard(IGuard inner, LostMessage lost) : IGuard
{
    private bool _lost;

    public long Epoch => inner.Epoch;

    public CancellationToken LeaseLost => inner.LeaseLost;

    public Task RehearseAsync(IReadOnlyList<Node> harmless, CancellationToken cancellationToken) => inner.RehearseAsync(harmless, cancellationToken);

    public Task ArmAsync(WindowPlan plan, CancellationToken cancellationToken) => inner.ArmAsync(plan, cancellationToken);

    public Task PrepareGatesAsync(IReadOnlyList<Node> nodes, CancellationToken cancellationToken) => inner.PrepareGatesAsync(nodes, cancellationToken);

    public Task CloseGatesAsync(IReadOnlyList<Node> nodes, CancellationToken cancellationToken) => inner.CloseGatesAsync(nodes, cancellationToken);

    public async Task OpenGatesAsync(IReadOnlyList<Node> nodes, CancellationToken cancellationToken)
    {
        await inner.OpenGatesAsync(nodes, cancellationToken);
        Lose(LostMessage.OpenReply);
    }

    public Task<IReadOnlyDictionary<string, GateState>> ProbeGatesAsync(IReadOnlyList<Node> nodes, CancellationToken cancellationToken) => inner.ProbeGatesAsync(nodes, cancellationToken);

    public async Task<WindowOutcome> CommitAsync(string windowId, CancellationToken cancellationToken)
    {
        Lose(LostMessage.CommitRequest);
        var outcome = await inner.CommitAsync(windowId, cancellationToken);
        Lose(LostMessage.CommitReply);
        return outcome;
    }

    public Task ActAsync(GuardedAct act, EngineContext context, ClusterPosition? position, TimeSpan within, CancellationToken cancellationToken) =>
        inner.ActAsync(act, context, position, within, cancellationToken);

    public Task<WindowOutcome> ExpireAsync(string windowId, CancellationToken cancellationToken) => inner.ExpireAsync(windowId, cancellationToken);

    public Task<WindowOutcome> RevertAsync(string windowId, CancellationToken cancellationToken) => inner.RevertAsync(windowId, cancellationToken);

    public Task<WindowStatus?> GetWindowAsync(CancellationToken cancellationToken) => inner.GetWindowAsync(cancellationToken);

    public Task CompleteAsync(string windowId, CancellationToken cancellationToken) => inner.CompleteAsync(windowId, cancellationToken);

    public Task ReleaseAsync(CancellationToken cancellationToken) => inner.ReleaseAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private void Lose(LostMessage message)
    {
        if (message == lost && !_lost)
        {
            _lost = true;
            throw new UpgradeException("MessageLost", $"The {message} was lost on purpose.", "This is a test.", FailureCategory.Unreachable);
        }
    }
}
