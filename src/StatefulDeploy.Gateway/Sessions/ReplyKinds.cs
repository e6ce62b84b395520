namespace StatefulDeploy.Gateway.Sessions;

/// <summary>Questions about <see cref="ReplyKind"/>.</summary>
internal static class ReplyKinds
{
    /// <summary>Whether the client gets an answer of this kind.</summary>
    public static bool IsForClient(this ReplyKind kind) => kind < ReplyKind.Restore;
}
