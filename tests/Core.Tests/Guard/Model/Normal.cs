using StatefulDeploy.Guard;

namespace StatefulDeploy.Core.Tests.Guard.Model;

/// <summary>
/// One world in place of all those that nobody in them can ever tell apart, neither now nor later: what will never be read again is
/// forgotten, of points in the history only the order is kept, and it does not matter which participant is which. Nothing is left out by
/// it: whatever can follow one of those worlds can follow the others.
/// </summary>
internal sealed class Normal(ModelLimits limits, Book book)
{
    // With these mistakes an epoch that is over, or a window that is done with, may come back.
    private readonly bool _forgets = limits.Without != GuardRule.Epoch && limits.Without != GuardRule.SameWindow && limits.Flaw != Flaw.ActBeforeStore;

    public World Of(World world)
    {
        if (_forgets)
            world = WithoutForgotten(WithoutStale(WithoutTime(world)));

        for (var person = 0; person < limits.Participants; person++)
        {
            var one = world.Person(person);
            var needed = Needed(one);
            world = needed == one ? world : world.With(person, needed);
        }

        return Ordered(Renamed(Ranked(world)));
    }

    private Participant Needed(Participant one)
    {
        var needed = one with { KnowsExpired = one.KnowsExpired && limits.Flaw == Flaw.UnguardedAct, KnowsCommitted = one.KnowsCommitted && limits.Router };
        return needed.KnowsNothing && limits.Flaw != Flaw.PositionBeforeFence ? Participant.New with { Epoch = one.Epoch } : needed;
    }

    /// <summary>Once a window is decided, and every guard knows it, its deadline says nothing any more.</summary>
    private World WithoutTime(World world)
    {
        if (world.OpenWindow < 0 || world.IsLate(world.OpenWindow) || !IsDecided(world, world.Guard) || !IsDecided(world, world.OldGuard))
            return world;

        return world with { Late = (byte)(world.Late | (1 << world.OpenWindow)) };
    }

    private bool IsDecided(World world, ModelGuard guard) => guard.IsNone ? !world.OutcomeOf(world.OpenWindow).IsNone : book[guard.Memory].Window is { Decision: not null };

    /// <summary>An epoch that every guard, and any that is started later, refuses is as good as none.</summary>
    private World WithoutStale(World world)
    {
        var least = book[world.Stored].Epoch;
        if (!world.Guard.IsNone)
            least = Math.Min(least, book[world.Guard.Memory].Epoch);

        if (!world.OldGuard.IsNone)
            least = Math.Min(least, book[world.OldGuard.Memory].Epoch);

        for (var person = 0; person < limits.Participants; person++)
        {
            if (world.Person(person) is { } one && one.Epoch < least && one != Participant.New && !limits.Router)
                world = world.With(person, Faded(one));
        }

        return world;
    }

    private static Participant Faded(Participant one) => one.Window < 0 ? Participant.New : one with { Epoch = 0 };

    /// <summary>A window that is completed is asked for in vain.</summary>
    private World WithoutForgotten(World world)
    {
        for (var window = 0; window < 2; window++)
        {
            if (world.SourceOf(window) < 0 || IsOpen(world, window))
                continue;

            if (!world.OutcomeOf(window).IsNone)
                world = world with { Outcomes = window == 0 ? (Decision.None, Decision.None, world.Outcomes.Third, world.Outcomes.Fourth) : (world.Outcomes.First, world.Outcomes.Second, Decision.None, Decision.None) };

            if (world.ClosedUnder != window && world.IsLate(window))
                world = world with { Late = (byte)(world.Late & ~(1 << window)) };

            if (world.ClosedUnder != window && !IsKnown(world, window))
                world = world.WithSource(window, -1);
        }

        return world;
    }

    private bool IsOpen(World world, int window) => world.OpenWindow == window
        || (!world.Guard.IsNone && Scene.IndexOf(book[world.Guard.Memory].Window) == window)
        || (!world.OldGuard.IsNone && Scene.IndexOf(book[world.OldGuard.Memory].Window) == window);

    private bool IsKnown(World world, int window)
    {
        for (var person = 0; person < limits.Participants; person++)
        {
            if (world.Person(person).Window == window)
                return true;
        }

        return HasLaneOf(world.Guard, window) || HasLaneOf(world.OldGuard, window);
    }

    private static bool HasLaneOf(ModelGuard guard, int window) => !guard.IsNone && (guard.Blue.Window == window || guard.Green.Window == window);

    /// <summary>Points in the history are only ever compared, and a new one comes after all: their ranks say the same.</summary>
    private World Ranked(World world)
    {
        Span<sbyte> points = [world.History, world.BlueApplied, world.GreenApplied, world.One.Position, world.Other.Position, world.Third.Position];
        points.Sort();
        var distinct = 0;
        Span<sbyte> ranks = stackalloc sbyte[points.Length];
        foreach (var point in points)
        {
            if (point >= 0 && (distinct == 0 || ranks[distinct - 1] != point))
                ranks[distinct++] = point;
        }

        var used = ranks[..distinct];
        return used[^1] == distinct - 1 ? world : world with
        {
            History = RankOf(used, world.History),
            BlueApplied = RankOf(used, world.BlueApplied),
            GreenApplied = RankOf(used, world.GreenApplied),
            One = world.One with { Position = RankOf(used, world.One.Position) },
            Other = world.Other with { Position = RankOf(used, world.Other.Position) },
            Third = world.Third with { Position = RankOf(used, world.Third.Position) },
        };
    }

    private static sbyte RankOf(ReadOnlySpan<sbyte> points, sbyte point) => (sbyte)(point < 0 ? -1 : points.IndexOf(point));

    /// <summary>Epochs are only ever compared, and a new one is above all: their ranks say the same. The open window is number 0, whichever it was.</summary>
    private World Renamed(World world)
    {
        var used = 1 | book.EpochsOf(world.Stored) | 1 << world.One.Epoch | 1 << world.Other.Epoch | 1 << world.Third.Epoch | 1 << world.RouterEpoch | 1 << world.RouterMessage.Epoch
            | (world.Guard.IsNone ? 0 : book.EpochsOf(world.Guard.Memory)) | (world.OldGuard.IsNone ? 0 : book.EpochsOf(world.OldGuard.Memory))
            | 1 << world.Outcomes.First.Epoch | 1 << world.Outcomes.Second.Epoch | 1 << world.Outcomes.Third.Epoch | 1 << world.Outcomes.Fourth.Epoch;
        var swap = world.OpenWindow == 1 || (world.OpenWindow < 0 && world.Sources is { First: < 0, Second: >= 0 });
        if ((used & (used + 1)) == 0 && !swap)
            return world;

        var ranks = 0UL;
        for (int epoch = 0, rank = 0; epoch < 16; epoch++)
        {
            if ((used & (1 << epoch)) != 0)
                ranks |= (ulong)rank++ << (epoch << 2);
        }

        world = WithRanks(world, ranks);
        return (swap ? Swapped(world) : world) with
        {
            Stored = book.Renamed(world.Stored, ranks, swap),
            Guard = Renamed(world.Guard, ranks, swap),
            OldGuard = Renamed(world.OldGuard, ranks, swap),
        };
    }

    private static World WithRanks(World world, ulong ranks)
    {
        sbyte Rank(sbyte epoch) => (sbyte)Book.RankOf(ranks, epoch);
        return world with
        {
            One = world.One with { Epoch = Rank(world.One.Epoch) },
            Other = world.Other with { Epoch = Rank(world.Other.Epoch) },
            Third = world.Third with { Epoch = Rank(world.Third.Epoch) },
            RouterEpoch = Rank(world.RouterEpoch),
            RouterMessage = (world.RouterMessage.Node, Rank(world.RouterMessage.Epoch)),
            Outcomes = (
                world.Outcomes.First with { Epoch = Rank(world.Outcomes.First.Epoch) },
                world.Outcomes.Second with { Epoch = Rank(world.Outcomes.Second.Epoch) },
                world.Outcomes.Third with { Epoch = Rank(world.Outcomes.Third.Epoch) },
                world.Outcomes.Fourth with { Epoch = Rank(world.Outcomes.Fourth.Epoch) }),
        };
    }

    private static World Swapped(World world) => world with
    {
        OpenWindow = Swapped(world.OpenWindow),
        ClosedUnder = Swapped(world.ClosedUnder),
        Sources = (world.Sources.Second, world.Sources.First),
        Outcomes = (world.Outcomes.Third, world.Outcomes.Fourth, world.Outcomes.First, world.Outcomes.Second),
        Late = (byte)(world.Late >> 1 | (world.Late & 1) << 1),
        One = world.One with { Window = Swapped(world.One.Window) },
        Other = world.Other with { Window = Swapped(world.Other.Window) },
        Third = world.Third with { Window = Swapped(world.Third.Window) },
    };

    private static sbyte Swapped(sbyte window) => (sbyte)(window < 0 ? window : 1 - window);

    private ModelGuard Renamed(ModelGuard guard, ulong ranks, bool swap)
    {
        if (guard.IsNone)
            return guard;

        var renamed = guard with { Memory = book.Renamed(guard.Memory, ranks, swap) };
        return swap ? renamed with { Blue = guard.Blue with { Window = Swapped(guard.Blue.Window) }, Green = guard.Green with { Window = Swapped(guard.Green.Window) } } : renamed;
    }

    /// <summary>The participants in an order that depends only on what they know and wait for.</summary>
    private World Ordered(World world)
    {
        Span<ulong> marks = [MarkOf(world, 0), MarkOf(world, 1), MarkOf(world, 2)];
        Span<int> order = [0, 1, 2];
        marks[..limits.Participants].Sort(order[..limits.Participants]);
        return order is [0, 1, 2] ? world : InOrder(world, order.ToArray());
    }

    private static ulong MarkOf(World world, int person) => world.Person(person).Bits << 4
        | (IsAsker(world.Guard.Blue, person) ? 1UL : 0) | (IsAsker(world.Guard.Green, person) ? 2UL : 0)
        | (IsAsker(world.OldGuard.Blue, person) ? 4UL : 0) | (IsAsker(world.OldGuard.Green, person) ? 8UL : 0);

    private static bool IsAsker(Lane lane, int person) => lane.IsBusy && lane.Asker == person;

    private static World InOrder(World world, int[] order) => world with
    {
        One = world.Person(order[0]),
        Other = world.Person(order[1]),
        Third = world.Person(order[2]),
        Guard = InOrder(world.Guard, order),
        OldGuard = InOrder(world.OldGuard, order),
    };

    private static ModelGuard InOrder(ModelGuard guard, int[] order) => guard with { Blue = InOrder(guard.Blue, order), Green = InOrder(guard.Green, order) };

    private static Lane InOrder(Lane lane, int[] order) => lane.Asker < 0 ? lane : lane with { Asker = (sbyte)Array.IndexOf(order, (int)lane.Asker) };
}
