namespace StatefulDeploy.Core.Tests.Guard.Model;

/// <summary>The lane of a node in a guard. An act is sent when it is queued: until then it cannot be told from one that is queued later.</summary>
/// <param name="IsBusy">Whether an act is under way.</param>
/// <param name="Kind">The act.</param>
/// <param name="Asker">Close: the participant who waits to be told; -1 for none.</param>
/// <param name="Window">The window that was open when it was queued; -1 for none.</param>
/// <param name="MustRevoke">Whether bytes of earlier acts may be under way.</param>
internal readonly record struct Lane(bool IsBusy, LaneKind Kind, sbyte Asker, sbyte Window, bool MustRevoke)
{
    public static Lane New { get; } = new(false, LaneKind.Open, -1, -1, true);

    public ulong Bits => (IsBusy ? 1UL : 0) | (ulong)Kind << 2 | (ulong)(Asker + 1) << 4 | (ulong)(Window + 1) << 6 | (MustRevoke ? 1UL << 9 : 0);

    public static Lane Ended(bool mustRevoke) => new(false, LaneKind.Open, -1, -1, mustRevoke);
}
