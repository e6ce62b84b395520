namespace StatefulDeploy.Core.Tests.Guard.Model;

/// <summary>A deliberate mistake besides a rule that is switched off: with each of them the model must find a violation.</summary>
internal enum Flaw
{
    None,

    /// <summary>A second attempt replaces the outcome of the first.</summary>
    OutcomeNotExclusive,

    /// <summary>Whoever attempts takes his attempt for the outcome, and does not read the file.</summary>
    OutcomeNotRead,

    /// <summary>Nodes are acted on before the state is stored.</summary>
    ActBeforeStore,

    /// <summary>A new guard starts while the old one still runs.</summary>
    TwoGuards,

    /// <summary>What an old guard, or an act that was given up, has sent is not revoked.</summary>
    NoRevocation,

    /// <summary>The router does what it is told, under whatever epoch.</summary>
    RouterIgnoresEpoch,

    /// <summary>The position is read before the fence.</summary>
    PositionBeforeFence,

    /// <summary>What the target has received is taken for applied.</summary>
    ReceivedForApplied,

    /// <summary>The engine's acts go past the guard.</summary>
    UnguardedAct,

    /// <summary>The watcher does nothing at the deadline.</summary>
    WatcherSleeps,
}
