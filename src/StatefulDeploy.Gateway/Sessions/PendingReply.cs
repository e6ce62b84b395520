namespace StatefulDeploy.Gateway.Sessions;

/// <summary>An answer that is still to come.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="IsWrite">Whether data may change until it has come.</param>
/// <param name="Payload">What is needed when it comes: depends on the kind.</param>
internal readonly record struct PendingReply(ReplyKind Kind, bool IsWrite = false, object? Payload = null)
{
    /// <summary>Whether the client gets an answer for it.</summary>
    public bool IsForClient => Kind.IsForClient();
}
