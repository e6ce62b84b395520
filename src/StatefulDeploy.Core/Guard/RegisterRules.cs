using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard;

/// <summary>
/// The rules of the epoch register, as pure functions: the guard's process runs them, and the model that enumerates all interleavings
/// runs the very same ones. Whatever opens or closes a node went through here first.
/// </summary>
internal static class RegisterRules
{
    /// <summary>The rules that a request breaks, the most telling first; none when it is permitted.</summary>
    public static IEnumerable<Refusal> Examine(RegisterState state, GuardRequest request, GuardMoment moment)
    {
        var own = request.Operation switch
        {
            GuardOperation.Hello or GuardOperation.Status => [],
            GuardOperation.Acquire => ExamineAcquire(state, request, moment),
            GuardOperation.Arm => ExamineArm(state, request),
            GuardOperation.Prepare or GuardOperation.Close => ExamineClose(state, request, moment),
            GuardOperation.Open => ExamineOpen(state, request),
            GuardOperation.Act => request.Act!.Target.Nodes.Where(node => !MayRuin(state, node)).Select(node => Refusals.IsLive(node, request.Act.Act, state.Window)),
            GuardOperation.Commit => ExamineCommit(state, request, moment),
            GuardOperation.Expire => ExamineWindow(state, request),
            GuardOperation.Revert => ExamineRevert(state, request),
            GuardOperation.Complete => ExamineComplete(state, request),
            _ => Enumerable.Empty<Refusal>(),
        };
        return NeedsEpoch(request.Operation) && request.Epoch < state.Epoch ? own.Prepend(Refusals.Stale(request, state)) : own;
    }

    /// <summary>What a permitted request leads to.</summary>
    public static Ruling Apply(RegisterState state, GuardRequest request, GuardMoment moment)
    {
        var next = state with { Epoch = Math.Max(state.Epoch, request.Epoch) };
        return request.Operation switch
        {
            GuardOperation.Acquire => new Ruling(Grant(next, request.Lease!)),
            GuardOperation.Release => new Ruling(next.Lease?.Epoch == request.Epoch ? next with { Lease = null } : next),
            GuardOperation.Arm => new Ruling(Arm(next, request, moment)),
            GuardOperation.Prepare or GuardOperation.Close or GuardOperation.Probe or GuardOperation.Act => new Ruling(next) { ActOnNodes = true },
            GuardOperation.Open => Open(next, request),
            GuardOperation.Commit => Decide(next, moment.IsPastDeadline(next.Window!) ? WindowOutcome.Expired : WindowOutcome.Committed),
            GuardOperation.Expire => Decide(next, WindowOutcome.Expired),
            GuardOperation.Revert => Revert(next),
            GuardOperation.Complete => new Ruling(Complete(next, request)),
            _ => new Ruling(next),
        };
    }

    /// <summary>What must be done without being asked, as things stand.</summary>
    public static IEnumerable<Duty> Duties(RegisterState state, GuardMoment moment)
    {
        if (state.Window is not { } window)
            return [];

        // Once it is committed there is one way to go, and an owner who died will not go it: nobody need wait for the deadline.
        var late = moment.IsPastDeadline(window);
        var alone = late || moment.Lease == LeaseCondition.Dead;
        return window.Outcome switch
        {
            WindowOutcome.Expired => Missing(window).Concat<Duty>(window.Routed ? [] : [new Duty.ReleaseRouter()]),
            WindowOutcome.Committed => (window.TargetOpened ? Missing(window) : []).Concat<Duty>(alone && !(window.Settled && window.Routed) ? [new Duty.GoForward()] : []),
            _ => late ? [new Duty.Expire()] : [],
        };
    }

    /// <summary>The state after the outcome file of the open window was read.</summary>
    public static RegisterState Learn(RegisterState state, WindowDecision decision)
    {
        var window = state.Window!;
        return window.Decision == decision
            ? state
            : state with { Window = window with { Decision = decision, Closed = [], Opened = [], Routed = false } };
    }

    /// <summary>The state after a node of the open window was closed.</summary>
    public static RegisterState NoteClosed(RegisterState state, string windowId, Node node) =>
        state.Window is { Decision: null } window && window.Plan.WindowId == windowId && window.HasSource(node)
            ? state with { Window = window with { Closed = window.Closed.Add(RegisterState.KeyOf(node)) } }
            : state;

    /// <summary>The state after a node of the open window was opened as its outcome calls for.</summary>
    public static RegisterState NoteOpened(RegisterState state, string windowId, Node node) =>
        state.Window is { } window && window.Plan.WindowId == windowId && window.Winners.Any(winner => RegisterState.KeyOf(winner) == RegisterState.KeyOf(node))
            ? state with { Window = window with { Opened = window.Opened.Add(RegisterState.KeyOf(node)) } }
            : state;

    /// <summary>The state after the router was sent where the outcome calls for.</summary>
    public static RegisterState NoteRouted(RegisterState state, WindowDecision decision) =>
        state.Window is { } window && window.Decision == decision ? state with { Window = window with { Routed = true } } : state;

    /// <summary>The state in which the way forward may be gone without having been asked for: the opening of the target has begun.</summary>
    public static RegisterState BeginOpening(RegisterState state) => state with { Window = state.Window! with { TargetOpened = true } };

    private static bool NeedsEpoch(GuardOperation operation) =>
        operation is not (GuardOperation.Hello or GuardOperation.Status or GuardOperation.Acquire);

    private static IEnumerable<Refusal> ExamineAcquire(RegisterState state, GuardRequest request, GuardMoment moment)
    {
        if (state.Lease is not { } lease || lease.Owner == request.Lease!.Owner)
            yield break;

        if (moment.Lease == LeaseCondition.Live)
            yield return Refusals.Busy(lease);
    }

    private static IEnumerable<Refusal> ExamineArm(RegisterState state, GuardRequest request)
    {
        var plan = request.Plan!;
        if (state.Window is { IsHarmless: false } open && (open.Plan.WindowId != plan.WindowId || open.Decision is not null))
            yield return Refusals.AnotherWindow(open);

        if (plan.Source.Nodes.FirstOrDefault(node => !MayBeLive(state, node)) is { } fenced)
            yield return Refusals.NotLive(fenced);

        if (plan.Target.Nodes.FirstOrDefault(node => MayBeLive(state, node)) is { } live)
            yield return Refusals.AlreadyLive(live);
    }

    private static IEnumerable<Refusal> ExamineClose(RegisterState state, GuardRequest request, GuardMoment moment)
    {
        if (request.WindowId is not null && state.Window?.Plan.WindowId != request.WindowId)
            yield return Refusals.OtherWindow(request, state);

        foreach (var node in request.Nodes)
        {
            if (!MayClose(state, node, moment))
                yield return Refusals.NothingWouldReopen(node, state.Window);
        }
    }

    private static bool MayClose(RegisterState state, Node node, GuardMoment moment)
    {
        if (state.Window is { } window)
        {
            if (window.HasSource(node))
                return window.Outcome == WindowOutcome.Committed || (window.Outcome == WindowOutcome.Undecided && !moment.IsPastDeadline(window));

            if (window.HasTarget(node))
                return window.Outcome != WindowOutcome.Committed;
        }

        return !MayBeLive(state, node);
    }

    // Not while it is undecided either: the target has been, or is about to be, promoted for the commit. And not while a commit may
    // still be reverted: the source would be opened again.
    private static bool MayRuin(RegisterState state, Node node)
    {
        if (state.Window is { } window)
        {
            if (window.HasSource(node))
                return window.Outcome == WindowOutcome.Committed && window.TargetOpened;

            if (window.HasTarget(node))
                return window.Outcome == WindowOutcome.Expired;
        }

        return !MayBeLive(state, node);
    }

    private static IEnumerable<Refusal> ExamineOpen(RegisterState state, GuardRequest request) =>
        request.Nodes.Where(node => !MayOpen(state, node)).Select(node => Refusals.NoRightToOpen(node, state.Window));

    private static bool MayOpen(RegisterState state, Node node)
    {
        if (state.Window is { } window)
        {
            if (window.HasSource(node))
                return window.Outcome == WindowOutcome.Expired;

            if (window.HasTarget(node))
                return window.Outcome == WindowOutcome.Committed;
        }

        return MayBeLive(state, node) && (state.Rights.ContainsKey(RegisterState.KeyOf(node)) || !state.Rights.ContainsValue(NodeRight.Live));
    }

    // A node that no window was ever decided for: the cluster that served when the upgrade was planned is the live one.
    private static bool MayBeLive(RegisterState state, Node node) =>
        state.Rights.TryGetValue(RegisterState.KeyOf(node), out var right) ? right == NodeRight.Live : node.Colour == ClusterColour.Blue;

    private static IEnumerable<Refusal> ExamineWindow(RegisterState state, GuardRequest request) =>
        state.Window?.Plan.WindowId == request.WindowId ? [] : [Refusals.OtherWindow(request, state)];

    private static IEnumerable<Refusal> ExamineCommit(RegisterState state, GuardRequest request, GuardMoment moment)
    {
        if (state.Window is not { } window || window.Plan.WindowId != request.WindowId)
            return [Refusals.OtherWindow(request, state)];

        if (window.Decision is not null || moment.IsPastDeadline(window))
            return [];

        var open = window.Plan.Source.Nodes.Where(node => !window.Closed.Contains(RegisterState.KeyOf(node))).ToList();
        if (open.Count > 0)
            return [Refusals.NotClosed(open)];

        return window.Plan.Source.Nodes.Any() && !window.Plan.Target.Nodes.Any() ? [Refusals.NoTarget(window)] : [];
    }

    private static IEnumerable<Refusal> ExamineRevert(RegisterState state, GuardRequest request)
    {
        if (state.Window is not { } window || window.Plan.WindowId != request.WindowId)
        {
            yield return Refusals.OtherWindow(request, state);
            yield break;
        }

        if (window.Outcome == WindowOutcome.Committed && window.TargetOpened)
            yield return Refusals.TargetWasOpened(window);

        if (window.Decision is null || (window.Outcome == WindowOutcome.Committed && request.Epoch <= window.Decision.Epoch))
            yield return Refusals.NotRevertible(window);
    }

    private static IEnumerable<Refusal> ExamineComplete(RegisterState state, GuardRequest request)
    {
        // It was completed before: a repeated request, whose first answer was lost.
        if (state.Window is not { } window || window.Plan.WindowId != request.WindowId)
            return [];

        return window.Settled ? [] : [Refusals.NotSettled(window)];
    }

    private static RegisterState Grant(RegisterState state, GuardLease lease)
    {
        var epoch = state.Epoch + 1;
        return state with { Epoch = epoch, Lease = lease with { Epoch = epoch } };
    }

    private static RegisterState Arm(RegisterState state, GuardRequest request, GuardMoment moment) =>
        state.Window?.Plan.WindowId == request.Plan!.WindowId
            ? state
            : state with { Window = new OpenWindow { Plan = request.Plan!, Epoch = request.Epoch, ArmedAt = moment.Now } };

    private static Ruling Open(RegisterState state, GuardRequest request) =>
        new(state.Window is { } window && request.Nodes.Any(window.HasTarget) ? BeginOpening(state) : state) { ActOnNodes = true };

    private static Ruling Decide(RegisterState state, WindowOutcome outcome) => new(state) { Attempt = outcome };

    private static Ruling Revert(RegisterState state) => state.Window!.Outcome == WindowOutcome.Committed
        ? new Ruling(state) { Attempt = WindowOutcome.Expired, Generation = state.Window.Decision!.Generation + 1 }
        : new Ruling(state);

    private static RegisterState Complete(RegisterState state, GuardRequest request)
    {
        if (state.Window is not { } window || window.Plan.WindowId != request.WindowId)
            return state;

        var (winners, losers) = window.Outcome == WindowOutcome.Committed
            ? (window.Plan.Target, window.Plan.Source)
            : (window.Plan.Source, window.Plan.Target);
        var rights = state.Rights
            .SetItems(losers.Nodes.Select(node => KeyValuePair.Create(RegisterState.KeyOf(node), NodeRight.Fenced)))
            .SetItems(winners.Nodes.Select(node => KeyValuePair.Create(RegisterState.KeyOf(node), NodeRight.Live)));
        return state with { Rights = rights, Window = null };
    }

    private static IEnumerable<Duty> Missing(OpenWindow window) =>
        window.Winners.Where(node => !window.Opened.Contains(RegisterState.KeyOf(node))).Select(node => new Duty.OpenNode(node));
}
