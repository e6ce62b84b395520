namespace StatefulDeploy.Core.Tests.Guard.Model;

/// <summary>
/// What one who may hold the lease knows. He does one thing after another, at any moment that his knowledge allows, or nothing for ever:
/// to be suspended, to crash and to wake late are all the same to the others.
/// </summary>
internal readonly record struct Participant
{
    /// <summary>The epoch of his lease; 0 for none.</summary>
    public sbyte Epoch { get; init; }

    /// <summary>The window that the rest is about; -1 for none.</summary>
    public sbyte Window { get; init; }

    /// <summary>He was told that its source is closed.</summary>
    public bool Closed { get; init; }

    /// <summary>The position that he read and has not seen applied yet; -1 for none.</summary>
    public sbyte Position { get; init; }

    /// <summary>He saw the position applied on the target, and has promoted it: all that a commit needs.</summary>
    public bool Ready { get; init; }

    /// <summary>He was told that it is decided for the source. (Kept only where something depends on it.)</summary>
    public bool KnowsExpired { get; init; }

    /// <summary>He was told that it is decided for the target. (Kept only where something depends on it.)</summary>
    public bool KnowsCommitted { get; init; }

    public bool KnowsNothing => !Closed && Position < 0 && !Ready && !KnowsExpired && !KnowsCommitted;

    public ulong Bits => (ulong)(byte)Epoch | (ulong)(Window + 1) << 3 | (ulong)(Position + 1) << 5
        | (Closed ? 1UL << 10 : 0) | (Ready ? 1UL << 11 : 0) | (KnowsExpired ? 1UL << 13 : 0) | (KnowsCommitted ? 1UL << 14 : 0);

    public static Participant New { get; } = new() { Window = -1, Position = -1 };

    public Participant For(sbyte window) => Window == window ? this : New with { Epoch = Epoch, Window = window };
}
