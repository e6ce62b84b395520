namespace StatefulDeploy.Gateway.Sessions;

/// <summary>Where the rest of a request goes that is too large to be looked at as a whole.</summary>
internal enum StreamRoute
{
    None,
    ToServer,
    ToQueue,
    Nowhere,
}
