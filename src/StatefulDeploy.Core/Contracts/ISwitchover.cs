using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>What an engine does inside the closed window, in the order of the workflow, and before it. Every method can be run twice.</summary>
public interface ISwitchover
{
    /// <summary>Proves beforehand, without disturbing anybody, that the acts of the window will work: privileges, the reverse way, the code paths (which are warm afterwards).</summary>
    Task RehearseAsync(EngineContext context, CancellationToken cancellationToken);

    /// <summary>Right before the window, writes still open: connections opened and warm, sequences and statements prepared.</summary>
    Task PrepareAsync(EngineContext context, CancellationToken cancellationToken);

    /// <summary>Ends open write transactions and blocked writers of source that the fence has left, after the grace time of the limits.</summary>
    Task EndOpenWritesAsync(EngineContext context, CancellationToken cancellationToken);

    /// <summary>Reads source's final position. Only called when source is fenced and the probe has failed.</summary>
    Task<ClusterPosition> ReadPositionAsync(EngineContext context, CancellationToken cancellationToken);

    /// <summary>Returns when target's writer, and the replicas that the data class asks for, have applied the position and hold it as durably as source acknowledged it.</summary>
    Task DrainAsync(EngineContext context, ClusterPosition position, CancellationToken cancellationToken);

    /// <summary>Carries what the stream does not: sequences, identity columns.</summary>
    Task FinalizeAsync(EngineContext context, CancellationToken cancellationToken);

    /// <summary>Makes target's writers primaries, still behind their fence, and captures the point from which source can follow target.</summary>
    /// <returns>The reverse point.</returns>
    Task<ClusterPosition> PromoteAsync(EngineContext context, CancellationToken cancellationToken);

    /// <summary>Whether all writers of target answer at once, over the connections that are open; false when one does not, or that cannot be told so quickly: then the guard finds out.</summary>
    Task<bool> AnswersAsync(EngineContext context, CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>The undo of <see cref="PromoteAsync"/> before the commit: target follows source again, or is left fenced to be filled anew. Never touches source's writability.</summary>
    Task DemoteAsync(EngineContext context, CancellationToken cancellationToken);
}
