namespace StatefulDeploy.Journal;

/// <summary>What a line of the journal records.</summary>
public enum JournalKind
{
    /// <summary>The upgrade was begun: service, versions, strategy.</summary>
    Begin,

    /// <summary>A stretch of the workflow is to be reached; unfinished until <see cref="GoalEnd"/>.</summary>
    Goal,

    /// <summary>The stretch was reached, or given up.</summary>
    GoalEnd,

    /// <summary>A step is about to act.</summary>
    Intent,

    /// <summary>A step has acted and was verified.</summary>
    Done,

    /// <summary>A step failed.</summary>
    Failed,

    /// <summary>A step is about to be undone.</summary>
    UndoIntent,

    /// <summary>A step was undone.</summary>
    UndoDone,

    /// <summary>Something that later steps need, by name.</summary>
    Fact,

    /// <summary>The cluster's state changed.</summary>
    State,

    /// <summary>A measurement over time, such as lag.</summary>
    Sample,

    /// <summary>Something a person was told.</summary>
    Note,
}
