namespace StatefulDeploy.Load.Clients;

/// <summary>What one client counted. One client adds; anyone reads.</summary>
internal sealed class ClientCounts
{
    public long Acknowledged;
    public long Indeterminate;
    public long FailedWrites;
    public long Reads;
    public long FailedReads;
    public long MissingReads;
    public long StaleReads;
    public long WrongReads;
    public long CounterAnomalies;
    public long DroppedConnections;
    public long Timeouts;
    public long FailedConnects;
    public long Reconnects;
}
