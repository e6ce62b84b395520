namespace StatefulDeploy.Gateway.Sessions;

/// <summary>Which requests are answered, as the client set it with CLIENT REPLY.</summary>
internal enum ReplyMode
{
    On,
    SkipNext,
    Off,
}
