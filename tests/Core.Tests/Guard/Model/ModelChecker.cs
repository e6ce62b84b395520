using StatefulDeploy.Guard;

namespace StatefulDeploy.Core.Tests.Guard.Model;

/// <summary>Looks at every world that can be reached, breadth first, each once; and in each asks whether the guard alone would bring the service back.</summary>
internal sealed class ModelChecker
{
    private const int LongestOwnWay = 100;

    private readonly ModelLimits _limits;
    private readonly Names _names = new();
    private readonly Book _book;
    private readonly GuardMoves _guards;
    private readonly Moves _moves;
    private readonly Normal _normal;
    private readonly HashSet<WorldKey> _seen = [];
    private readonly HashSet<WorldKey> _ownWays = [];
    private readonly List<(int Parent, ushort Move)> _history = [];

    public ModelChecker(ModelLimits limits)
    {
        _limits = limits;
        _book = new Book(limits);
        _guards = new GuardMoves(limits, _book, _names);
        _moves = new Moves(limits, _book, _guards, _names);
        _normal = new Normal(limits, _book);
    }

    /// <summary>Worlds looked at.</summary>
    public int Count => _history.Count;

    /// <summary>Looks at all; stops at the first violation.</summary>
    /// <returns>What is wrong and how it came to it; null when nothing is.</returns>
    public string? Run()
    {
        var waiting = new Queue<(World World, int Index)>();
        Note(_normal.Of(Start()), -1, 0, waiting);
        while (waiting.TryDequeue(out var next))
        {
            ushort move = 0;
            foreach (var (_, world) in _moves.From(next.World))
            {
                var normal = _normal.Of(world);
                if (Note(normal, next.Index, move++, waiting) && (normal.Violation ?? OwnWay(normal)) is { } wrong)
                    return Tell(wrong);
            }
        }

        return null;
    }

    private World Start()
    {
        var nothing = _book.NumberOf(new RegisterState());
        return new World { Stored = nothing, Guard = new ModelGuard(nothing, Lane.New, Lane.New) };
    }

    private bool Note(World world, int parent, ushort move, Queue<(World World, int Index)> waiting)
    {
        if (!_seen.Add(world.Key()))
            return false;

        _history.Add((parent, move));
        waiting.Enqueue((world, _history.Count - 1));
        return true;
    }

    /// <summary>Invariant 4: with everybody else gone for good and the deadline past, the guard (started anew if need be) opens one cluster again.</summary>
    private string? OwnWay(World world)
    {
        if (world.BlueOpen != world.GreenOpen && !_limits.Router)
            return null;

        var late = world with { One = Participant.New, Other = Participant.New, Third = Participant.New };
        late = late with { Late = (byte)(world.Late | (world.ClosedUnder < 0 ? 0 : 1 << world.ClosedUnder) | (world.OpenWindow < 0 ? 0 : 1 << world.OpenWindow)) };
        if (late.Guard.IsNone)
            late = late with { Guard = _guards.Started(late) };

        // Whoever is gone makes no difference to what the guard does from here.
        return _ownWays.Add((late with { Guard = WithoutAskers(late.Guard), OldGuard = WithoutAskers(late.OldGuard) }).Key()) ? Follow(late, late.Guard) : null;
    }

    private string? Follow(World late, ModelGuard guard)
    {
        var steps = new List<string> { "then the guard alone:" };
        while (_guards.Unasked(late, guard).FirstOrDefault() is { What: not null } next)
        {
            steps.Add(next.What);
            (_, late, guard) = next;
            if (late.Violation is not null)
                return string.Join("\n    ", [late.Violation, .. steps]);

            if (steps.Count > LongestOwnWay)
                return string.Join("\n    ", ["invariant 4: the guard comes to no end.", .. steps]);
        }

        return Judge(late) is { } wrong ? string.Join("\n    ", [wrong, .. steps]) : null;
    }

    private string? Judge(World world)
    {
        if (!world.BlueOpen && !world.GreenOpen)
            return "invariant 4: the deadline is past, and nothing opens a cluster again.";

        if (!_limits.Router || world.OpenWindow < 0 || world.OutcomeOf(world.OpenWindow).IsNone)
            return null;

        var reads = world.RouterMessage is { Node: >= 0 } message && (message.Epoch >= world.RouterEpoch || _limits.Flaw == Flaw.RouterIgnoresEpoch) ? message.Node : world.RouterReads;
        return world.IsOpen(reads) ? null : "invariant 3: reads go to a cluster that does not serve.";
    }

    private static ModelGuard WithoutAskers(ModelGuard guard) => guard with { Blue = guard.Blue with { Asker = -1 }, Green = guard.Green with { Asker = -1 } };

    /// <summary>What is wrong, and the moves that led there, made once more with their names.</summary>
    private string Tell(string wrong)
    {
        var way = new Stack<ushort>();
        for (var index = _history.Count - 1; index > 0; index = _history[index].Parent)
            way.Push(_history[index].Move);

        _names.Wanted = true;
        var world = _normal.Of(Start());
        var lines = new List<string> { wrong };
        foreach (var move in way)
        {
            var (what, next) = _moves.From(world).ElementAt(move);
            lines.Add(what);
            world = _normal.Of(next);
        }

        _names.Wanted = false;
        return string.Join("\n  ", lines);
    }
}
