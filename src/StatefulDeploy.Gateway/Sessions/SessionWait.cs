namespace StatefulDeploy.Gateway.Sessions;

/// <summary>Waits until every session has come to a goal.</summary>
internal sealed class SessionWait(SessionGoal goal)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One for the starter, so that it is not over before all sessions were asked.
    private int _left = 1;

    public SessionGoal Goal { get; } = goal;

    /// <summary>How many have not come to it.</summary>
    public int Left => Volatile.Read(ref _left);

    public Task Done => _done.Task;

    public void Add() => Interlocked.Increment(ref _left);

    public void Arrive()
    {
        if (Interlocked.Decrement(ref _left) == 0)
            _done.TrySetResult();
    }
}
