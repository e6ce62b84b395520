namespace StatefulDeploy.Gateway.Sessions;

/// <summary>What a session did. Written under its lock, summed without: a sum may be a moment old.</summary>
internal sealed class SessionCounters
{
    public long Reads;
    public long Writes;
    public long Held;
    public long Rejected;
    public long LostAnswers;
    public long Reconnects;
    public long Moves;
    public long AskedAgain;
    public long BytesFromClients;
    public long BytesToClients;

    public void Add(SessionCounters other)
    {
        Reads += other.Reads;
        Writes += other.Writes;
        Held += other.Held;
        Rejected += other.Rejected;
        LostAnswers += other.LostAnswers;
        Reconnects += other.Reconnects;
        Moves += other.Moves;
        AskedAgain += other.AskedAgain;
        BytesFromClients += other.BytesFromClients;
        BytesToClients += other.BytesToClients;
    }
}
