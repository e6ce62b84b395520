namespace StatefulDeploy.Gateway.Requests;

/// <summary>What a look at received bytes found.</summary>
internal enum RequestParse
{
    /// <summary>A whole request.</summary>
    Whole,

    /// <summary>Only the first part of one.</summary>
    Partial,

    /// <summary>No request: the client does not speak the protocol.</summary>
    Invalid,
}
