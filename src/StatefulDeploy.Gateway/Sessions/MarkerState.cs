namespace StatefulDeploy.Gateway.Sessions;

/// <summary>How far a marker is, which tells what was published before a switch from what comes after.</summary>
internal enum MarkerState
{
    None,
    Sent,
    Passed,
}
