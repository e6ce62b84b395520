namespace StatefulDeploy.Model;

/// <summary>Where replication from one cluster into the other stands.</summary>
public enum ReplicationState
{
    /// <summary>It was not started, or was stopped.</summary>
    None,

    /// <summary>The initial copy is under way.</summary>
    Copying,

    /// <summary>The stream of changes is followed.</summary>
    Streaming,

    /// <summary>It cannot go on by itself; the message says why.</summary>
    Broken,
}
