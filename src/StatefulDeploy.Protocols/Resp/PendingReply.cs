namespace StatefulDeploy.Protocols.Resp;

/// <summary>An answer that is still to come.</summary>
internal sealed class PendingReply
{
    private readonly TaskCompletionSource<RespValue> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PendingReply(bool detaches)
    {
        Detaches = detaches;

        // Nobody may be waiting any more when the connection breaks: that is no unobserved error.
        _ = _source.Task.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Whether reading must stop right after this answer.</summary>
    public bool Detaches { get; }

    public Task<RespValue> Task => _source.Task;

    public void SetResult(RespValue value) => _source.TrySetResult(value);

    public void SetException(Exception exception) => _source.TrySetException(exception);
}
