namespace StatefulDeploy.Load.Accounts;

/// <summary>What a client knows of one of its writes.</summary>
internal enum WriteState : byte
{
    Unsent = 0,
    Sent,
    Acknowledged,
    Rejected,
}
