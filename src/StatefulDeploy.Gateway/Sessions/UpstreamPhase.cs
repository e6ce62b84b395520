namespace StatefulDeploy.Gateway.Sessions;

/// <summary>How far a connection to a server is.</summary>
internal enum UpstreamPhase
{
    Connecting,
    Restoring,
    Ready,
    Closed,
}
