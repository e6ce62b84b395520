namespace StatefulDeploy.Upgrade.Host;

/// <summary>A message between the orchestrator and the guard that does not arrive.</summary>
internal enum LostMessage
{
    /// <summary>The wish to commit: nothing is decided, and we do not know it.</summary>
    CommitRequest,

    /// <summary>The answer to the wish to commit: it is decided, and we do not know it.</summary>
    CommitReply,

    /// <summary>The answer to opening green's gates.</summary>
    OpenReply,
}
