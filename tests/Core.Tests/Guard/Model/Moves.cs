using StatefulDeploy.Guard;

namespace StatefulDeploy.Core.Tests.Guard.Model;

/// <summary>Everything that can happen next, one atomic thing at a time. What the guard decides is decided by the product's own <see cref="RegisterRules"/>.</summary>
internal sealed class Moves(ModelLimits limits, Book book, GuardMoves guards, Names names)
{
    /// <summary>The worlds that can follow, each with what happened.</summary>
    public IEnumerable<(string What, World Next)> From(World world)
    {
        foreach (var move in GuardSteps(world))
            yield return move;

        foreach (var move in Requests(world))
            yield return move;

        for (var person = 0; person < limits.Participants; person++)
        {
            foreach (var move in OwnActs(world, person))
                yield return move;
        }

        foreach (var move in Faults(world))
            yield return move;
    }

    private IEnumerable<(string What, World Next)> GuardSteps(World world)
    {
        if (!world.Guard.IsNone)
        {
            foreach (var (what, next, changed) in guards.Unasked(world, world.Guard).Concat(guards.Timeouts(world, world.Guard)))
                yield return (what, next with { Guard = changed });
        }

        if (!world.OldGuard.IsNone)
        {
            foreach (var (what, next, changed) in guards.Unasked(world, world.OldGuard))
                yield return (names.Of($"old guard: {what}"), next with { OldGuard = changed });
        }
    }

    /// <summary>
    /// Requests are taken as they are sent: whoever may ask something may ask it later too, so one that waits in the socket, its sender
    /// gone on without the answer, cannot be told from one that was sent later and whose answer is lost.
    /// </summary>
    private IEnumerable<(string What, World Next)> Requests(World world)
    {
        for (var person = 0; person < limits.Participants; person++)
        {
            var one = world.Person(person);
            foreach (var move in TakeOver(world, person))
                yield return (names.Of($"participant {person}: {move.What}"), move.Next);

            foreach (var question in book.QuestionsAt(one.Epoch, world.Sources, world.FreeWindow(limits.Windows)))
            {
                if (!MayAsk(world, one, question))
                    continue;

                // Who wants a commit reverted acts on it no more, whatever he hears.
                var asked = question.Operation == GuardOperation.Revert ? world.With(person, one with { KnowsCommitted = false }) : world;
                foreach (var move in Taken(asked, question, person))
                    yield return (names.Of($"participant {person}: {move.What}"), move.Next);

                foreach (var move in Taken(asked, question, -1))
                    yield return (names.Of($"participant {person}, who is not told: {move.What}"), move.Next);
            }
        }
    }

    /// <summary>The lease is taken by one who starts with what he himself knows, or with what the journal of another says.</summary>
    private IEnumerable<(string What, World Next)> TakeOver(World world, int person)
    {
        var question = new Question(GuardOperation.Acquire, 0, -1, (sbyte)person);
        foreach (var move in Taken(world, question, person))
            yield return move;

        for (var other = 0; other < limits.Participants; other++)
        {
            var known = world.Person(other);
            if (other == person || known.Window < 0)
                continue;

            // What was decided he reads from the outcome, not from the journal.
            foreach (var move in Taken(world.With(person, known with { KnowsCommitted = false, KnowsExpired = false }), question, person))
                yield return (names.Of($"{move.What}, with the journal of participant {other}"), move.Next);
        }
    }

    private IEnumerable<(string What, World Next)> Taken(World world, Question question, int asker)
    {
        if (!world.Guard.IsNone)
        {
            foreach (var (what, next, changed) in guards.Take(world, world.Guard, question, asker))
                yield return (names.Of($"{question}, the guard {what}"), next with { Guard = changed });
        }

        if (!world.OldGuard.IsNone)
        {
            foreach (var (what, next, changed) in guards.Take(world, world.OldGuard, question, asker))
                yield return (names.Of($"{question}, the old guard {what}"), next with { OldGuard = changed });
        }
    }

    /// <summary>What a participant may want, as far as it depends on what he knows; the rules say what he gets.</summary>
    private bool MayAsk(World world, Participant one, Question question) => question.Operation switch
    {
        GuardOperation.Commit => !limits.Mannered || (one.Window == question.Window && one.Ready),
        // The client takes the lease anew right before: what he himself sent to the router carries an older epoch.
        GuardOperation.Revert => world.RouterMessage.Node < 0 || world.RouterMessage.Epoch < one.Epoch,
        GuardOperation.Act => limits.Flaw != Flaw.UnguardedAct,
        _ => true,
    };

    /// <summary>What participants do to the engine and the router without asking the guard.</summary>
    private IEnumerable<(string What, World Next)> OwnActs(World world, int person)
    {
        var one = world.Person(person);
        var source = world.SourceOf(one.Window);
        if (source < 0)
            yield break;

        // Otherwise the position is read as soon as he is told that the source is closed: read later it is no lower.
        var target = 1 - source;
        if (limits.Flaw == Flaw.PositionBeforeFence && one.Position < 0 && !one.Ready)
            yield return (names.Of($"participant {person} reads the position {world.History}"), world.With(person, one with { Position = world.History }));

        if (one.Closed && one.Position >= 0 && !one.Ready && Drained(world, one, target) is { } drained)
            yield return (names.Of($"participant {person} sees {Scene.NameOf(target)} drained to {one.Position}, and promotes it"), drained.WithPromoted(target, true).With(person, one with { Position = -1, Ready = true }));

        if (limits.Flaw == Flaw.UnguardedAct && one.KnowsExpired)
            yield return (names.Of($"participant {person} demotes {Scene.NameOf(target)}"), world.Done(target, LaneKind.Demote, limits.Mannered));

        if (limits.Router && one.KnowsCommitted && world.RouterMessage.Node < 0)
            yield return (names.Of($"participant {person} sends the reads to {Scene.NameOf(target)}"), world with { RouterMessage = ((sbyte)target, one.Epoch) });
    }

    private World? Drained(World world, Participant one, int target)
    {
        if (limits.Flaw == Flaw.ReceivedForApplied || world.AppliedOf(target) >= one.Position)
            return world;

        // Only what follows applies more.
        return world.IsPromoted(target) ? null : world.WithApplied(target, one.Position);
    }

    private IEnumerable<(string What, World Next)> Faults(World world)
    {
        // Bytes under way stay so until they are revoked: there may be more of the same.
        for (var orphan = 0; orphan < 6; orphan++)
        {
            if ((world.Orphans & (1 << orphan)) != 0)
                yield return (names.Of($"late bytes: {(LaneKind)(orphan % 3)} {Scene.NameOf(orphan / 3)}"), world.Done(orphan / 3, (LaneKind)(orphan % 3), limits.Mannered));
        }

        // It matters to the others only where his memory keeps a number from being given to another window.
        for (var person = 0; person < limits.Participants; person++)
        {
            if (world.Person(person) is { Epoch: 0, Window: >= 0 } one && one.Window != world.OpenWindow)
                yield return (names.Of($"participant {person} is gone for good"), world.With(person, Participant.New));
        }

        if (world.Guard.IsNone)
        {
            yield return ("a guard starts", world with { Guard = guards.Started(world) });
        }
        else
        {
            if (world.OldGuard.IsNone)
                yield return ("the guard is killed", GuardMoves.Orphaned(world, world.Guard) with { Guard = ModelGuard.None });

            if (limits.Flaw == Flaw.TwoGuards && world.OldGuard.IsNone)
                yield return ("a second guard starts", world with { OldGuard = world.Guard, Guard = guards.Started(world) });
        }

        if (world.OpenWindow >= 0 && !world.IsLate(world.OpenWindow))
            yield return (names.Of($"the deadline of {Scene.WindowId(world.OpenWindow)} passes"), world with { Late = (byte)(world.Late | (1 << world.OpenWindow)) });

        if (world.RouterMessage is { Node: >= 0 } message)
        {
            var got = world with { RouterMessage = (-1, 0) };
            yield return ("the router gets its message", message.Epoch >= world.RouterEpoch || limits.Flaw == Flaw.RouterIgnoresEpoch ? got with { RouterReads = message.Node, RouterEpoch = message.Epoch } : got);
        }
    }
}
