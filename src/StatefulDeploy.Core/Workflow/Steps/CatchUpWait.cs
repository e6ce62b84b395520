using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow.Steps;

/// <summary>Waits until the target's lag is under the gate, with progress and time left from what really arrived.</summary>
internal sealed class CatchUpWait(UpgradeRun run)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan SampleEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StallsWithin = TimeSpan.FromSeconds(30);
    private readonly long _began = run.Clock.GetTimestamp();
    private double? _found; // What was there when the waiting began: a copy may have gone on before.
    private long? _startedAgain;
    private long? _stalledSince;
    private long _sampled;

    /// <exception cref="UpgradeException">Replication broke, or the deadline passed.</exception>
    internal async Task WaitAsync(CancellationToken cancellationToken)
    {
        var status = new ReplicationStatus();
        try
        {
            while (true)
            {
                status = await run.Engine.Replicator.GetStatusAsync(run.Context, cancellationToken);
                Sample(status);
                if ((status.State is ReplicationState.Broken or ReplicationState.None && !await StartAgainAsync(cancellationToken)) || HasStalled(status))
                {
                    throw new UpgradeException("ReplicationBroken", $"Replication into {run.Target.Colour} does not run: {(status.Message.Length > 0 ? status.Message : status.State)}.", "Mend what the message names, then Start-Replication again.") { Target = run.Service.Name };
                }

                if (status.State == ReplicationState.Streaming && status.LagBytes <= run.Limits.LagGate)
                {
                    return;
                }

                await Task.Delay(Poll, run.Clock, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (run.Clock.GetElapsedTime(_began) >= run.Limits.CatchUpDeadline)
        {
            throw new UpgradeException("CatchUpTimeout", $"The lag is {status.LagBytes?.ToString("N0") ?? "unknown"} bytes after {Quantity.Text(run.Limits.CatchUpDeadline)}; the gate is {run.Limits.LagGate:N0} bytes.", "Find out whether the target applies more slowly than the source writes; or allow more time or lag.", FailureCategory.Timeout);
        }
    }

    /// <summary>What was running when it was set up, and no longer does, is set up once more: a window that was ended, a server or a relay that died.</summary>
    private async Task<bool> StartAgainAsync(CancellationToken cancellationToken)
    {
        if (_startedAgain is { } at)
        {
            return run.Clock.GetElapsedTime(at) < StartsWithin;
        }

        _startedAgain = run.Clock.GetTimestamp();
        try
        {
            await run.ActAsync(GuardedAct.StartReplication, run.Context, run.Back ? run.State.Fact<ClusterPosition>(FactName.Reverse) : null, cancellationToken);
            return true;
        }
        catch (UpgradeException exception) when (exception.Category != FailureCategory.StaleEpoch)
        {
            run.Tell(ReportLevel.Warning, $"Replication could not be started again: {exception.Message}", StepName.CatchUp);
            return false;
        }
    }

    // What says why it does not move, and goes on not moving, is not waited for until the deadline of the whole copy.
    private bool HasStalled(ReplicationStatus status)
    {
        if (status.State == ReplicationState.Streaming || status.Message.Length == 0)
        {
            _stalledSince = null;
            return false;
        }

        _stalledSince ??= run.Clock.GetTimestamp();
        return run.Clock.GetElapsedTime(_stalledSince.Value) > StallsWithin;
    }

    private void Sample(ReplicationStatus status)
    {
        if (_sampled != 0 && run.Clock.GetElapsedTime(_sampled) < SampleEvery)
        {
            return;
        }

        _sampled = run.Clock.GetTimestamp();
        if (status.LagBytes is { } lag)
        {
            run.RecordLater(new JournalEntry { Kind = JournalKind.Sample, Name = "lag", Text = lag.ToString(CultureInfo.InvariantCulture) });
        }

        var share = status is { TotalBytes: > 0 } && status.State == ReplicationState.Copying ? Math.Min(1, (double)status.CopiedBytes / status.TotalBytes.Value) : (double?)null;
        _found ??= share;
        var remaining = share - _found is > 0.01 and var arrived ? run.Clock.GetElapsedTime(_began) * ((1 - share!.Value) / arrived) : (TimeSpan?)null;
        run.Reporter.Report(new ReportEvent(ReportLevel.Progress, status.State == ReplicationState.Copying ? $"Copying: {status.CopiedBytes:N0} bytes" : $"Following: {status.LagBytes:N0} bytes behind")
        {
            Step = nameof(StepName.CatchUp),
            Percent = Progress.Within(StepName.CatchUp, share ?? (status.State == ReplicationState.Streaming ? 0.99 : 0)),
            Remaining = remaining,
            LagBytes = status.LagBytes,
        });
    }
}
