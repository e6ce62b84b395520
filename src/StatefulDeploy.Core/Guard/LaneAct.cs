using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard;

/// <summary>One act in a node's lane.</summary>
internal sealed class LaneAct(GuardOperation kind, GateContext context, TimeSpan within) : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private volatile bool _superseded;

    public GuardOperation Kind => kind;

    public GateContext Context => context;

    public CancellationToken Token => _source.Token;

    /// <summary>It is its turn: its time begins.</summary>
    public void Start()
    {
        _source.Token.ThrowIfCancellationRequested();
        _source.CancelAfter(within);
    }

    public void Cancel()
    {
        _superseded = true;
        _source.Cancel();
    }

    public UpgradeException Explain(Exception error, Node node) => error switch
    {
        OperationCanceledException when _superseded => new UpgradeException(
            "Superseded", $"{kind} of {node} was ended by a later act.", "Look at the state of the window.", FailureCategory.WrongState, error) { Target = node },
        OperationCanceledException => new UpgradeException(
            "NodeTimeout", $"{kind} of {node} was not answered within {within.TotalSeconds:0.#} s.", "See whether the node runs and can be reached.", FailureCategory.Timeout, error) { Target = node },
        UpgradeException known => known,
        _ => new UpgradeException(
            "NodeFailed", $"{kind} of {node} failed: {error.Message}", "See whether the node runs and can be reached.", FailureCategory.Unreachable, error) { Target = node },
    };

    public void Dispose() => _source.Dispose();
}
