using System.Management.Automation;
using System.Runtime.ExceptionServices;
using StatefulDeploy.Cmdlets.Errors;
using StatefulDeploy.Cmdlets.Loading;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Bridge;

/// <summary>
/// A cmdlet whose work is asynchronous. The work runs on a task; what it tells is queued and written by the pipeline thread until the
/// task has finished. Ctrl+C, or a command downstream that wants no more, cancels the work and then waits for it to take back what it
/// began, bounded by <see cref="UndoDeadline"/>.
/// </summary>
public abstract class AsyncCommand : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _giveUp = new();
    private volatile bool _isWorking;

    /// <summary>How long a stopped cmdlet waits for the undo of its work before it leaves the rest to the guard.</summary>
    internal static TimeSpan UndoDeadline { get; set; } = TimeSpan.FromMinutes(3);

    private protected static IUpgradeOperations Operations => Product.Operations;

    /// <summary>Cancels the work; called on another thread than the pipeline's, which goes on waiting for the undo.</summary>
    protected sealed override void StopProcessing()
    {
        if (_isWorking)
        {
            Host?.UI?.WriteWarningLine($"{MyInvocation.MyCommand.Name} is stopping: it takes back what it began, for at most {Quantity.Text(UndoDeadline)}.");
        }

        Cancel();
    }

    /// <summary>Frees what waiting needs.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what waiting needs.</summary>
    /// <param name="disposing">Whether called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop.Dispose();
            _giveUp.Dispose();
        }
    }

    /// <summary>Runs work to its end while this thread writes what it tells; a failure ends the cmdlet with its error record.</summary>
    private protected T Run<T>(object? target, Func<IReporter, CancellationToken, Task<T>> work)
    {
        try
        {
            return RunToEnd(work);
        }
        catch (Exception exception) when (!IsPowerShell(exception))
        {
            throw Failed(exception, target);
        }
    }

    /// <summary>A file's full path; relative ones start at PowerShell's location, which need not be the process' folder.</summary>
    private protected string FullPath(string path)
    {
        var full = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
        return provider.Name == "FileSystem"
            ? full
            : throw Failed(
                new UpgradeException("PathNotInFileSystem", $"'{path}' is in PowerShell's {provider.Name} provider, not in the file system.", "Give the path of a file, such as ./orders.yaml.", FailureCategory.InvalidInput) { Target = path },
                path);
    }

    /// <summary>Ends the cmdlet with the error record of a failure; told past the pipeline when that is being stopped and would not show it.</summary>
    private protected PipelineStoppedException Failed(Exception exception, object? target)
    {
        var record = UpgradeErrorRecord.From(exception, target);
        if (!Stopping)
        {
            ThrowTerminatingError(record);
        }

        Host?.UI?.WriteErrorLine($"{MyInvocation.MyCommand.Name}: {record.ErrorDetails.Message} {record.ErrorDetails.RecommendedAction}");
        return new PipelineStoppedException();
    }

    private protected T RunToEnd<T>(Func<IReporter, CancellationToken, Task<T>> work)
    {
        var told = new ReportQueue();
        _isWorking = true;
        var task = Task.Run(() => work(told, _stop.Token));
        _ = task.ContinueWith(_ => told.Complete(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        var interruption = WriteUntilFinished(told);
        _isWorking = false;
        if (interruption is null && !Stopping)
        {
            return task.GetAwaiter().GetResult();
        }

        TellHowItEnded(task);
        interruption?.Throw();
        throw new PipelineStoppedException();
    }

    /// <summary>A stopped pipeline shows neither results nor errors: what a person must know goes to the host.</summary>
    private void TellHowItEnded(Task ended)
    {
        var name = MyInvocation.MyCommand.Name;
        if (ended.IsCompletedSuccessfully)
        {
            Host?.UI?.WriteWarningLine($"{name} had finished its work when it was stopped: what it did stands. Get-StatefulUpgrade tells where the upgrade is.");
        }
        else if (ended.Exception?.GetBaseException() is { } exception and not OperationCanceledException)
        {
            var details = UpgradeErrorRecord.From(exception, target: null).ErrorDetails;
            var sentence = $"{name}: {details.Message} {details.RecommendedAction}";
            if (exception is UpgradeException { ErrorId: "Cancelled" })
            {
                Host?.UI?.WriteWarningLine(sentence);
            }
            else
            {
                Host?.UI?.WriteErrorLine(sentence);
            }
        }
    }

    /// <summary>Writes what is told until there is no more; the first write that fails stops the work, and is thrown on when the work has ended.</summary>
    private ExceptionDispatchInfo? WriteUntilFinished(ReportQueue told)
    {
        ExceptionDispatchInfo? interruption = null;
        using var writer = new ReportWriter(this);
        while (WaitForMore(told, interruption))
        {
            while (interruption is null && told.TryTake(out var reportEvent))
            {
                try
                {
                    writer.Write(reportEvent);
                }
                catch (Exception exception)
                {
                    interruption = ExceptionDispatchInfo.Capture(exception);
                    Cancel();
                }
            }

            told.Discard(when: interruption is not null);
        }

        return interruption;
    }

    private bool WaitForMore(ReportQueue told, ExceptionDispatchInfo? interruption)
    {
        try
        {
            return told.Wait(_giveUp.Token);
        }
        catch (OperationCanceledException)
        {
            throw new UpgradeException(
                "UndoNotFinished",
                $"{MyInvocation.MyCommand.Name} was stopped{(interruption is null ? "" : " by the pipeline")}, and its undo had not ended after {Quantity.Text(UndoDeadline)}. It goes on in this process.",
                "Leave this process running and watch Get-StatefulUpgrade. If writes are closed, the guard on blue's host opens them again at the window's deadline. Resume-StatefulUpgrade or Undo-StatefulUpgrade end the upgrade.",
                FailureCategory.Timeout);
        }
    }

    private void Cancel()
    {
        if (!_stop.IsCancellationRequested)
        {
            _giveUp.CancelAfter(UndoDeadline);
            _ = _stop.CancelAsync();
        }
    }

    /// <summary>Whether an exception is PowerShell's own, such as the stop of a pipeline: it must go on as it is.</summary>
    private protected static bool IsPowerShell(Exception exception) =>
        exception is PipelineStoppedException or RuntimeException
        || exception.GetType().Assembly == typeof(PSCmdlet).Assembly;
}
