using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard;

/// <summary>One act in a node's lane.</summary>
/// <param name="kind">What it is; acts of one kind do not end each other.</param>
/// <param name="care">What is done about bytes of earlier acts that may still be on their way to the node.</param>
/// <param name="context">What the gate is given.</param>
/// <param name="within">How long it may take, from its turn on.</param>
/// <param name="run">What it does.</param>
internal sealed class LaneAct(string kind, LaneCare care, GateContext context, TimeSpan within, Func<CancellationToken, Task<GateState>> run) : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private volatile bool _superseded;

    public string Kind => kind;

    public LaneCare Care => care;

    public GateContext Context => context;

    public CancellationToken Token => _source.Token;

    /// <summary>It is its turn: its time begins.</summary>
    public void Start()
    {
        _source.Token.ThrowIfCancellationRequested();
        _source.CancelAfter(within);
    }

    public Task<GateState> RunAsync() => run(_source.Token);

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
