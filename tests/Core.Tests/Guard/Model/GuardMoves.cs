using StatefulDeploy.Contracts;
using StatefulDeploy.Guard;

namespace StatefulDeploy.Core.Tests.Guard.Model;

/// <summary>
/// What a guard process does, in the steps between which it matters that it can die: store, attempt, send, be answered, note. (A decision
/// is taken under the guard's turn, and to die with an act queued is to die with it sent and never received: such steps are one.)
/// </summary>
internal sealed class GuardMoves(ModelLimits limits, Book book, Names names)
{
    /// <summary>A request is taken, if the rules permit it; the guard may die after each step of it.</summary>
    public IEnumerable<(string What, World World, ModelGuard Guard)> Take(World world, ModelGuard guard, Question question, int asker)
    {
        var window = (sbyte)Scene.IndexOf(book[guard.Memory].Window);
        if (book.Ask(guard.Memory, question, world.IsLate(window)) is not { } answer)
            yield break;

        var taken = question.Operation switch
        {
            GuardOperation.Arm when world.SourceOf(question.Window) < 0 => world.WithSource(question.Window, question.Node),
            _ => world,
        };
        var mayDie = world.OldGuard.IsNone;
        if (mayDie && limits.Flaw == Flaw.ActBeforeStore && answer.ActOnNodes)
        {
            // What it sends before it stores may be all that it does.
            var (sent, _) = Queue(taken, guard with { Memory = answer.Next }, question, asker);
            yield return ("acts, and dies before it stores", sent.WithOrphan(question.Node, KindOf(question)), ModelGuard.None);
        }

        var stored = Store(taken, answer.Next);
        if (mayDie && (stored.Stored != taken.Stored || answer.Attempt != WindowOutcome.Undecided))
            yield return ("stores, and dies", Orphaned(stored, guard), ModelGuard.None);

        var decided = (World: stored, Guard: guard with { Memory = answer.Next });
        if (answer.Attempt != WindowOutcome.Undecided)
            decided = Attempt(stored, decided.Guard, new Decision(answer.Attempt, question.Epoch, (sbyte)answer.Generation));

        if (mayDie && answer.Attempt != WindowOutcome.Undecided)
            yield return ("decides, and dies", Orphaned(decided.World, guard), ModelGuard.None);

        var queued = answer.ActOnNodes ? Queue(decided.World, decided.Guard, question, asker) : decided;
        yield return ("does it", asker < 0 ? queued.World : Tell(queued.World, book[queued.Guard.Memory], question, asker), queued.Guard);
    }

    /// <summary>A guard that has just started: what it knows is what is on disk.</summary>
    public ModelGuard Started(World world)
    {
        var decision = world.OutcomeOf(world.OpenWindow);
        return new ModelGuard(decision.IsNone || world.OpenWindow < 0 ? world.Stored : book.Learn(world.Stored, decision), Lane.New, Lane.New);
    }

    /// <summary>What a guard that is gone has sent is still under way.</summary>
    public static World Orphaned(World world, ModelGuard guard)
    {
        for (var node = 0; node < 2; node++)
        {
            if (guard.LaneOf(node) is { IsBusy: true } lane)
                world = world.WithOrphan(node, lane.Kind);
        }

        return world;
    }

    /// <summary>What a guard does unasked.</summary>
    public IEnumerable<(string What, World World, ModelGuard Guard)> Unasked(World world, ModelGuard guard)
    {
        foreach (var duty in Duties(world, guard))
            yield return duty;

        for (var node = 0; node < 2; node++)
        {
            foreach (var step in LaneSteps(world, guard, node))
                yield return step;
        }
    }

    private World Store(World world, int next) => world with { Stored = book.Stored(next), OpenWindow = (sbyte)Scene.IndexOf(book[next].Window) };

    private (World World, ModelGuard Guard) Attempt(World world, ModelGuard guard, Decision attempt)
    {
        var window = Scene.IndexOf(book[guard.Memory].Window);
        var free = world.OutcomeOf(window, attempt.Generation).IsNone;
        var next = free || limits.Flaw == Flaw.OutcomeNotExclusive ? world.WithOutcome(window, attempt) : world;
        var read = limits.Flaw == Flaw.OutcomeNotRead ? attempt : next.OutcomeOf(window);
        return (next, guard with { Memory = book.Learn(guard.Memory, read) });
    }

    private (World World, ModelGuard Guard) Queue(World world, ModelGuard guard, Question question, int asker)
    {
        var window = book[guard.Memory].Window;
        if (question.Operation == GuardOperation.Close && window is { Decision: null } && Scene.SourceOf(window.Plan) == question.Node)
            (world, guard) = Settle(world, guard, 1 - question.Node);

        return Enqueue(world, guard, question.Node, KindOf(question), question.Operation == GuardOperation.Close ? (sbyte)asker : (sbyte)-1);
    }

    private (World World, ModelGuard Guard) Settle(World world, ModelGuard guard, int node)
    {
        var lane = guard.LaneOf(node);
        if (limits.Flaw == Flaw.NoRevocation)
            return (lane.IsBusy ? world.WithOrphan(node, lane.Kind) : world, guard.With(node, Lane.Ended(mustRevoke: true)));

        return (lane.MustRevoke || lane.IsBusy ? world.WithoutOrphans(node) : world, guard.With(node, Lane.Ended(mustRevoke: false)));
    }

    private static LaneKind KindOf(Question question) => question.Operation switch
    {
        GuardOperation.Act => LaneKind.Demote,
        GuardOperation.Open => LaneKind.Open,
        _ => LaneKind.Close,
    };

    private (World World, ModelGuard Guard) Enqueue(World world, ModelGuard guard, int node, LaneKind kind, sbyte asker)
    {
        var lane = guard.LaneOf(node);
        var window = (sbyte)Scene.IndexOf(book[guard.Memory].Window);
        if (lane.IsBusy && lane.Kind == kind)
            return (world, asker < 0 ? guard : guard.With(node, lane with { Asker = asker, Window = window }));

        // A later act of another kind ends the one under way; what that one has sent is revoked with all that was left before.
        var mustRevoke = lane.MustRevoke || lane.IsBusy;
        if (limits.Flaw == Flaw.NoRevocation)
            world = lane.IsBusy ? world.WithOrphan(node, lane.Kind) : world;
        else if (mustRevoke)
            world = world.WithoutOrphans(node);

        return (world, guard.With(node, new Lane(true, kind, asker, window, false)));
    }

    private static World Tell(World world, RegisterState memory, Question question, int asker)
    {
        var one = world.Person(asker);
        switch (question.Operation)
        {
            case GuardOperation.Acquire:
                return world.With(asker, one with { Epoch = (sbyte)memory.Epoch, KnowsCommitted = false, KnowsExpired = false });
            case GuardOperation.Arm:
                return world.With(asker, one.For(question.Window));
            case GuardOperation.Commit or GuardOperation.Expire or GuardOperation.Revert when Scene.IndexOf(memory.Window) == question.Window:
                var outcome = memory.Window!.Outcome;
                return world.With(asker, Participant.New with { Epoch = one.Epoch, Window = question.Window, KnowsExpired = outcome == WindowOutcome.Expired, KnowsCommitted = outcome == WindowOutcome.Committed });
            default:
                return world;
        }
    }

    private IEnumerable<(string What, World World, ModelGuard Guard)> Duties(World world, ModelGuard guard)
    {
        if (book[guard.Memory].Window is not { } window)
            yield break;

        // The owner of the lease may be dead at any moment, as far as the guard is concerned.
        var source = Scene.SourceOf(window.Plan);
        foreach (var duty in book.DutiesOf(guard.Memory, world.IsLate(Scene.IndexOf(window)), alone: true))
        {
            switch (duty)
            {
                case Duty.Expire:
                    var (expired, learnt) = Attempt(world, guard, new Decision(WindowOutcome.Expired, (sbyte)window.Epoch, 0));
                    yield return ("the watcher expires the window", expired, learnt);
                    break;
                case Duty.OpenNode open when guard.LaneOf(Scene.IndexOf(open.Node)) is not { IsBusy: true, Kind: LaneKind.Open }:
                    var (queued, changed) = Enqueue(world, guard, Scene.IndexOf(open.Node), LaneKind.Open, -1);
                    yield return (names.Of($"the watcher sends Open {open.Node.Name}"), queued, changed);
                    break;
                case Duty.ReleaseRouter when limits.Router:
                    yield return ("the watcher releases the router", Routed(world, guard, source), guard with { Memory = book.NoteRouted(guard.Memory) });
                    break;
                case Duty.GoForward when !window.TargetOpened:
                    var opening = book.BeginOpening(guard.Memory);
                    yield return ("the watcher goes forward", Store(Routed(world, guard, 1 - source), opening), guard with { Memory = opening });
                    break;
                case Duty.GoForward when window.Settled && limits.Router:
                    yield return ("the watcher switches the router", Routed(world, guard, 1 - source), guard with { Memory = book.NoteRouted(guard.Memory) });
                    break;
            }
        }
    }

    private World Routed(World world, ModelGuard guard, int node) => limits.Router && book[guard.Memory].Epoch >= world.RouterEpoch
        ? world with { RouterReads = (sbyte)node, RouterEpoch = (sbyte)book[guard.Memory].Epoch }
        : world;

    private IEnumerable<(string What, World World, ModelGuard Guard)> LaneSteps(World world, ModelGuard guard, int node)
    {
        if (guard.LaneOf(node) is not { IsBusy: true } lane)
            yield break;

        var what = names.Of($"the node does {lane.Kind} {Scene.NameOf(node)}");
        var done = world.Done(node, lane.Kind, limits.Mannered);
        yield return (what, Answered(done, lane, node), (guard with { Memory = Noted(guard, lane, node) }).With(node, Lane.Ended(mustRevoke: false)));
        if (world.OldGuard.IsNone)
            yield return (names.Of($"{what}, and the guard dies before it notes it"), Orphaned(done, guard.With(node, Lane.New)), ModelGuard.None);
    }

    /// <summary>An act is given up while its bytes are under way.</summary>
    public IEnumerable<(string What, World World, ModelGuard Guard)> Timeouts(World world, ModelGuard guard)
    {
        for (var node = 0; node < 2; node++)
        {
            if (guard.LaneOf(node) is { IsBusy: true } lane)
                yield return (names.Of($"the guard gives up {lane.Kind} {Scene.NameOf(node)}"), world.WithOrphan(node, lane.Kind), guard.With(node, Lane.Ended(mustRevoke: true)));
        }
    }

    private int Noted(ModelGuard guard, Lane lane, int node) => lane.Window < 0 || Scene.IndexOf(book[guard.Memory].Window) != lane.Window ? guard.Memory : lane.Kind switch
    {
        LaneKind.Open => book.NoteOpened(guard.Memory, lane.Window, node),
        LaneKind.Close => book.NoteClosed(guard.Memory, lane.Window, node),
        _ => guard.Memory,
    };

    private static World Answered(World world, Lane lane, int node)
    {
        if (lane.Asker < 0 || lane.Window < 0 || world.SourceOf(lane.Window) != node)
            return world;

        var one = world.Person(lane.Asker).For(lane.Window);
        return world.With(lane.Asker, one with { Closed = true, Position = one.Ready || one.Position >= 0 ? one.Position : world.History });
    }
}
