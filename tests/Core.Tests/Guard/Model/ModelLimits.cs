using StatefulDeploy.Guard;

namespace StatefulDeploy.Core.Tests.Guard.Model;

/// <summary>
/// How far the model goes. Within these bounds every interleaving is looked at, and of all that is not named here there may be any number:
/// takeovers of the lease, guards killed and started again, acts given up with their bytes under way, requests whose answer is lost, crashes of participants.
/// </summary>
internal sealed record ModelLimits
{
    /// <summary>Who hold the lease one after another, each free to be suspended for ever or to wake at any moment: orchestrator, keeper, second operator.</summary>
    public int Participants { get; init; } = 2;

    /// <summary>Windows that anybody remembers at the same time, 1 or 2. There may be any number one after another; a window is forgotten when it is completed and nobody left knows of it.</summary>
    public int Windows { get; init; } = 1;

    /// <summary>Whether participants commit only what they have closed, read, drained and promoted. Without it the guard alone keeps the clusters apart, and nothing is said about data.</summary>
    public bool Mannered { get; init; } = true;

    /// <summary>Whether the router's reads are looked at too.</summary>
    public bool Router { get; init; }

    public Flaw Flaw { get; init; }

    /// <summary>A rule that is switched off.</summary>
    public GuardRule? Without { get; init; }
}
