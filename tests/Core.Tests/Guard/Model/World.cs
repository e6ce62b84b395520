using StatefulDeploy.Contracts;

namespace StatefulDeploy.Core.Tests.Guard.Model;

/// <summary>Everything there is at one moment: disk, nodes, guard, participants, bytes under way. Node 0 is blue, node 1 green.</summary>
internal sealed record World
{
    /// <summary>The number of the state on disk.</summary>
    public int Stored { get; init; }

    /// <summary>The window that the register on disk has open; -1 for none.</summary>
    public sbyte OpenWindow { get; init; } = -1;

    /// <summary>The outcome files: of window 0, its reversal, of window 1, its reversal.</summary>
    public (Decision First, Decision Second, Decision Third, Decision Fourth) Outcomes { get; init; } = (Decision.None, Decision.None, Decision.None, Decision.None);

    /// <summary>The source of each window armed so far; -1 for one that was not.</summary>
    public (sbyte First, sbyte Second) Sources { get; init; } = (-1, -1);

    public bool BlueOpen { get; init; } = true;

    public bool GreenOpen { get; init; }

    /// <summary>Goes up by one whenever a node opens or closes: odd while writes are accepted.</summary>
    public sbyte History { get; init; } = 1;

    /// <summary>Up to which point of the history blue has every acknowledged write.</summary>
    public sbyte BlueApplied { get; init; }

    public sbyte GreenApplied { get; init; }

    public bool BluePromoted { get; init; } = true;

    public bool GreenPromoted { get; init; }

    /// <summary>Whether green ever took a write.</summary>
    public bool GreenServed { get; init; }

    /// <summary>The window under which the serving node was closed; -1 while one serves, -2 when it was closed under none.</summary>
    public sbyte ClosedUnder { get; init; } = -1;

    public ModelGuard Guard { get; init; } = ModelGuard.None;

    /// <summary>A guard that should be gone; only with <see cref="Flaw.TwoGuards"/>.</summary>
    public ModelGuard OldGuard { get; init; } = ModelGuard.None;

    public Participant One { get; init; } = Participant.New;

    public Participant Other { get; init; } = Participant.New;

    public Participant Third { get; init; } = Participant.New;

    /// <summary>Bytes under way to a node that nobody waits for any more: bit 3 * node + kind.</summary>
    public byte Orphans { get; init; }

    /// <summary>The windows whose deadline has passed.</summary>
    public byte Late { get; init; }

    /// <summary>Where the router sends reads, and under which epoch it was told.</summary>
    public sbyte RouterReads { get; init; }

    public sbyte RouterEpoch { get; init; }

    /// <summary>A message under way to the router: node and epoch; -1 for none.</summary>
    public (sbyte Node, sbyte Epoch) RouterMessage { get; init; } = (-1, 0);

    /// <summary>What is wrong; null while nothing is.</summary>
    public string? Violation { get; init; }

    /// <summary>The number that the next window gets; -1 when all are taken.</summary>
    public sbyte FreeWindow(int windows) => (sbyte)(Sources.First < 0 ? 0 : Sources.Second < 0 && windows > 1 ? 1 : -1);

    public bool IsOpen(int node) => node == 0 ? BlueOpen : GreenOpen;

    public sbyte AppliedOf(int node) => node == 0 ? BlueApplied : GreenApplied;

    public bool IsPromoted(int node) => node == 0 ? BluePromoted : GreenPromoted;

    public bool IsLate(int window) => window >= 0 && (Late & (1 << window)) != 0;

    public sbyte SourceOf(int window) => window switch { 0 => Sources.First, 1 => Sources.Second, _ => -1 };

    public Participant Person(int person) => person switch { 0 => One, 1 => Other, _ => Third };

    public Decision OutcomeOf(int window, int generation) => (window, generation) switch
    {
        (0, 0) => Outcomes.First,
        (0, 1) => Outcomes.Second,
        (1, 0) => Outcomes.Third,
        (1, 1) => Outcomes.Fourth,
        _ => Decision.None,
    };

    /// <summary>What a reader of the files finds: the last generation.</summary>
    public Decision OutcomeOf(int window) => OutcomeOf(window, 1) is { IsNone: false } second ? second : OutcomeOf(window, 0);

    public World WithOutcome(int window, Decision decision) => (window, decision.Generation) switch
    {
        (0, 0) => this with { Outcomes = Outcomes with { First = decision } },
        (0, 1) => this with { Outcomes = Outcomes with { Second = decision } },
        (1, 0) => this with { Outcomes = Outcomes with { Third = decision } },
        (1, 1) => this with { Outcomes = Outcomes with { Fourth = decision } },
        _ => throw new InvalidOperationException($"Window {window}, generation {decision.Generation}?"),
    };

    public World WithSource(int window, sbyte source) => this with { Sources = window == 0 ? (source, Sources.Second) : (Sources.First, source) };

    public World WithApplied(int node, sbyte applied) => node == 0 ? this with { BlueApplied = applied } : this with { GreenApplied = applied };

    public World WithPromoted(int node, bool promoted) => node == 0 ? this with { BluePromoted = promoted } : this with { GreenPromoted = promoted };

    public World WithOpen(int node, bool open) => node == 0 ? this with { BlueOpen = open } : this with { GreenOpen = open };

    public World With(int person, Participant participant) => person switch
    {
        0 => this with { One = participant },
        1 => this with { Other = participant },
        _ => this with { Third = participant },
    };

    public World WithOrphan(int node, LaneKind kind) => this with { Orphans = (byte)(Orphans | 1 << (3 * node + (int)kind)) };

    public World WithoutOrphans(int node) => this with { Orphans = (byte)(Orphans & ~(7 << 3 * node)) };

    public World Broken(string how) => this with { Violation = Violation ?? how };

    /// <summary>The world after a node has done an act, and what is wrong with that.</summary>
    public World Done(int node, LaneKind kind, bool mannered) => kind switch
    {
        LaneKind.Open when !IsOpen(node) => Opened(node, mannered),
        LaneKind.Close when IsOpen(node) => (this with { History = (sbyte)(History + 1), ClosedUnder = OpenWindow >= 0 ? OpenWindow : (sbyte)-2 })
            .WithApplied(node, (sbyte)(History + 1)).WithOpen(node, false),
        LaneKind.Demote => (IsOpen(node) ? Broken($"invariant 2: {Scene.NameOf(node)} serves, and was made to follow.") : this).WithPromoted(node, false),
        _ => this,
    };

    /// <summary>The world in bits; for one in its <see cref="Normal"/> form, what two worlds share only if they are the same.</summary>
    public WorldKey Key()
    {
        var nodes = (BlueOpen ? 1UL : 0) | (GreenOpen ? 2UL : 0) | (BluePromoted ? 4UL : 0) | (GreenPromoted ? 8UL : 0) | (GreenServed ? 16UL : 0) | (Violation is null ? 0 : 32UL)
            | (ulong)(byte)History << 6 | (ulong)(byte)BlueApplied << 11 | (ulong)(byte)GreenApplied << 16 | (ulong)(byte)(ClosedUnder + 2) << 21 | (ulong)Orphans << 24 | (ulong)Late << 30
            | (ulong)(byte)RouterReads << 41 | (ulong)(byte)RouterEpoch << 42 | (ulong)(byte)(RouterMessage.Node + 1) << 45 | (ulong)(byte)RouterMessage.Epoch << 47 | (ulong)(byte)(Sources.First + 1) << 50 | (ulong)(byte)(Sources.Second + 1) << 52;
        var files = (uint)Outcomes.First.Bits | (ulong)(uint)Outcomes.Second.Bits << 8 | (ulong)(uint)Outcomes.Third.Bits << 16 | (ulong)(uint)Outcomes.Fourth.Bits << 24;
        return new WorldKey(nodes, files | (ulong)(uint)Stored << 46, Guard.Bits, OldGuard.Bits, One.Bits | Other.Bits << 16 | Third.Bits << 32);
    }

    private int WinnerOf(int window) => OutcomeOf(window).Outcome switch
    {
        WindowOutcome.Expired => SourceOf(window),
        WindowOutcome.Committed => 1 - SourceOf(window),
        _ => -1,
    };

    private World Opened(int node, bool mannered)
    {
        var next = (this with { History = (sbyte)(History + 1), ClosedUnder = -1, GreenServed = GreenServed || node == 1 }).WithOpen(node, true);
        if (IsOpen(1 - node))
            return next.Broken("invariant 1: both clusters take writes.");

        if (OpenWindow >= 0 && WinnerOf(OpenWindow) != node)
            return next.Broken($"invariant 5: {Scene.NameOf(node)} is opened, and {Scene.WindowId(OpenWindow)} is not decided for it.");

        if (!mannered)
            return node == 0 && GreenServed ? next.Broken("invariant 5: blue is opened again after green has served.") : next;

        if (AppliedOf(node) != History)
            return next.Broken($"invariant 2: {Scene.NameOf(node)} is opened without every acknowledged write.");

        return IsPromoted(node) ? next : next.Broken($"invariant 4: {Scene.NameOf(node)} is opened, but follows the other and takes no writes.");
    }
}
