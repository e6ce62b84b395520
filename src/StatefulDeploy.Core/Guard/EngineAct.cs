using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Reuse;

namespace StatefulDeploy.Guard;

/// <summary>An act of the engine that waits in several lanes at once: it runs when it is its turn in each, and ends when it is ended in any.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A cancellation source without timer or links holds nothing to be disposed of, and lanes may end it late.")]
internal sealed class EngineAct(ActRequest request, IPlatform platform, ServiceDescription service, ISecrets secrets, int lanes) : IReporter
{
    private readonly ConcurrentQueue<ReportEvent> _events = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly object _turn = new();
    private int _missing = lanes;

    /// <summary>What it told on the way.</summary>
    public IReadOnlyList<ReportEvent> Events => [.. _events];

    /// <summary>It is its turn in one more lane; the last one runs it.</summary>
    public async Task<GateState> JoinAsync(CancellationToken cancellationToken)
    {
        await using var ending = cancellationToken.Register(End);
        if (IsLast())
            await RunAsync();

        // A lane is not left before the act has ended: the next one may begin there.
        await _done.Task;
        return GateState.Closed;
    }

    public void Report(ReportEvent reportEvent)
    {
        if (reportEvent.Level != ReportLevel.Progress)
            _events.Enqueue(reportEvent);
    }

    private bool IsLast()
    {
        lock (_turn)
            return --_missing == 0;
    }

    private void End()
    {
        _ended.Cancel();
        lock (_turn)
        {
            // It has not begun, and now never will.
            if (_missing > 0)
                _done.TrySetCanceled(_ended.Token);
        }
    }

    private async Task RunAsync()
    {
        try
        {
            _ended.Token.ThrowIfCancellationRequested();
            await DoAsync(Context(), _ended.Token);
            _done.TrySetResult();
        }
        catch (Exception error)
        {
            _done.TrySetException(error);
        }
    }

    private Task DoAsync(EngineContext context, CancellationToken cancellationToken)
    {
        var engine = platform.FindEngine(service.Engine);
        return request.Act switch
        {
            GuardedAct.StartReplication => engine.Replicator.StartAsync(context, request.Position, cancellationToken),
            GuardedAct.Demote => engine.Switchover.DemoteAsync(context, cancellationToken),
            GuardedAct.Remove => engine.Provisioner.RemoveAsync(context, request.Target, cancellationToken),
            GuardedAct.Retire => engine.Provisioner.RetireAsync(context, request.Target, cancellationToken),
            GuardedAct.TakeAway => Task.CompletedTask,
            GuardedAct.MoveVolume => new VolumeTransfers(platform, context).MoveAsync(cancellationToken),
            GuardedAct.ReturnVolume => new VolumeTransfers(platform, context).ReturnAsync(cancellationToken),
            _ => throw new InvalidOperationException($"'{request.Act}' is no act of an engine."),
        };
    }

    private EngineContext Context() => new()
    {
        Service = service,
        LocalService = request.Service ?? service,
        Source = request.Source,
        Target = request.Target,
        UpgradeId = request.UpgradeId,
        Hosts = platform.CreateHosts(service),
        Secrets = secrets,
        OwnProgram = platform.OwnProgram,
        Reporter = this,
    };
}
