using StatefulDeploy.Model;

namespace StatefulDeploy.Notify;

/// <summary>Whether somebody could be told.</summary>
/// <param name="Moment">When it was.</param>
/// <param name="To">The program or the address.</param>
/// <param name="Failure">Why not; empty when it succeeded.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record NotifyOutcome(NotifyMoment Moment, string To, string Failure, TimeSpan Elapsed)
{
    /// <summary>Whether it succeeded.</summary>
    public bool Succeeded => Failure.Length == 0;

    /// <summary>The outcome in a sentence.</summary>
    public override string ToString() => Succeeded
        ? $"Told {To} ({Moment}) in {Elapsed.TotalMilliseconds:0} ms."
        : $"{To} could not be told ({Moment}): {Failure}";
}
