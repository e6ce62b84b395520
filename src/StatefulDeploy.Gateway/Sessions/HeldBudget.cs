namespace StatefulDeploy.Gateway.Sessions;

/// <summary>Bytes of waiting requests, over all sessions.</summary>
internal sealed class HeldBudget
{
    private long _bytes;
    private long _requests;

    public long Bytes => Interlocked.Read(ref _bytes);

    public long Requests => Interlocked.Read(ref _requests);

    public bool TryTake(int bytes, long limit)
    {
        if (Interlocked.Add(ref _bytes, bytes) <= limit)
            return true;

        Interlocked.Add(ref _bytes, -bytes);
        return false;
    }

    public void Give(int bytes) => Interlocked.Add(ref _bytes, -bytes);

    public void Count(int requests) => Interlocked.Add(ref _requests, requests);
}
