using StatefulDeploy.Contracts;
using StatefulDeploy.Guard;
using StatefulDeploy.Model;

namespace StatefulDeploy.Core.Tests.Guard;

/// <summary>Single rules of the register, each by an example; the model looks at them together.</summary>
public sealed class RegisterRulesTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly GuardMoment InTime = MomentAfter(TimeSpan.Zero);
    private static readonly GuardMoment Late = MomentAfter(Deadline);
    private static readonly ClusterLayout Blue = Layout(ClusterColour.Blue, 1, 2);
    private static readonly ClusterLayout Green = Layout(ClusterColour.Green, 3, 4);
    private static readonly RegisterState Fresh = new() { Epoch = 1 };

    [Fact]
    public void The_first_window_goes_from_blue_to_green() => Assert.Null(Refusal(Fresh, Arm("w1", Blue, Green)));

    [Fact]
    public void A_green_that_no_window_was_decided_for_is_no_source()
    {
        Assert.Equal("SourceNotLive", Refusal(Fresh, Arm("w1", Green, Blue)));
        Assert.Equal("SourceNotLive", Refusal(Fresh, Arm("w1", Green, Layout(ClusterColour.Green, 5))));
    }

    [Fact]
    public void A_blue_that_no_window_was_decided_against_is_no_target() =>
        Assert.Equal("TargetIsLive", Refusal(Fresh, Arm("w1", Blue, Layout(ClusterColour.Blue, 5))));

    [Fact]
    public void After_a_commit_the_next_window_goes_from_green_to_blue_and_not_the_other_way()
    {
        var done = Completed(Decided(WindowOutcome.Committed));
        Assert.Null(Refusal(done, Arm("w2", Green, Blue)));
        Assert.Equal("SourceNotLive", Refusal(done, Arm("w2", Blue, Green)));
    }

    [Fact]
    public void After_a_commit_back_the_next_window_goes_forward_again()
    {
        var back = Completed(Decided(WindowOutcome.Committed, Completed(Decided(WindowOutcome.Committed)), "w2", Green, Blue));
        Assert.Null(Refusal(back, Arm("w3", Blue, Green)));
        Assert.Equal("SourceNotLive", Refusal(back, Arm("w3", Green, Blue)));
    }

    [Fact]
    public void After_an_expiry_blue_is_the_source_as_before()
    {
        var done = Completed(Decided(WindowOutcome.Expired));
        Assert.Null(Refusal(done, Arm("w2", Blue, Green)));
        Assert.Equal("SourceNotLive", Refusal(done, Arm("w2", Green, Blue)));
    }

    [Fact]
    public void A_green_that_serves_and_is_called_blue_since_is_a_source()
    {
        var done = Completed(Decided(WindowOutcome.Committed));
        Assert.Null(Refusal(done, Arm("w2", Layout(ClusterColour.Blue, 3, 4), Layout(ClusterColour.Green, 5, 6))));
        Assert.Equal("TargetIsLive", Refusal(done, Arm("w2", Layout(ClusterColour.Blue, 5), Layout(ClusterColour.Green, 3))));
    }

    [Fact]
    public void A_window_that_is_not_completed_keeps_another_from_being_armed()
    {
        Assert.Equal("WindowOpen", Refusal(Decided(WindowOutcome.Committed), Arm("w2", Green, Blue)));
        Assert.Equal("WindowOpen", Refusal(Armed(), Arm("w2", Blue, Green)));
        Assert.Null(Refusal(Armed(), Arm("w1", Blue, Green)));
    }

    [Theory]
    [InlineData(WindowOutcome.Undecided, false, false, false)]
    [InlineData(WindowOutcome.Expired, false, false, true)]
    [InlineData(WindowOutcome.Committed, false, false, false)]
    [InlineData(WindowOutcome.Committed, true, true, false)]
    public void The_cluster_that_may_be_made_to_follow_is_the_one_that_has_lost_for_good(WindowOutcome outcome, bool opening, bool blue, bool green)
    {
        var state = outcome == WindowOutcome.Undecided ? Armed() : Decided(outcome);
        state = opening ? RegisterRules.BeginOpening(state) : state;
        foreach (var act in Enum.GetValues<GuardedAct>())
        {
            Assert.Equal(blue ? null : "ClusterIsLive", Refusal(state, ActOn(act, Blue)));
            Assert.Equal(green ? null : "ClusterIsLive", Refusal(state, ActOn(act, Green)));
        }
    }

    [Theory]
    [InlineData(WindowOutcome.Committed, true)]
    [InlineData(WindowOutcome.Expired, false)]
    public void It_stays_so_when_the_window_is_completed(WindowOutcome outcome, bool blueLost)
    {
        var state = Completed(Decided(outcome));
        Assert.Equal(blueLost ? null : "ClusterIsLive", Refusal(state, ActOn(GuardedAct.Demote, Blue)));
        Assert.Equal(blueLost ? "ClusterIsLive" : null, Refusal(state, ActOn(GuardedAct.Demote, Green)));
    }

    [Fact]
    public void Before_any_window_green_may_be_filled_and_blue_may_not()
    {
        Assert.Null(Refusal(Fresh, ActOn(GuardedAct.StartReplication, Green)));
        Assert.Equal("ClusterIsLive", Refusal(Fresh, ActOn(GuardedAct.StartReplication, Blue)));
    }

    [Fact]
    public void A_commit_needs_every_node_of_the_source_closed_and_none_of_the_target()
    {
        var armed = Armed();
        var nodes = Blue.Nodes.ToList();
        Assert.Equal("SourceNotClosed", Refusal(armed, Ask(GuardOperation.Commit) with { WindowId = "w1" }));
        var half = RegisterRules.NoteClosed(RegisterRules.NoteClosed(armed, "w1", nodes[0]), "w1", Green.Writer);
        Assert.Equal("SourceNotClosed", Refusal(half, Ask(GuardOperation.Commit) with { WindowId = "w1" }));
        Assert.Single(half.Window!.Closed);
        Assert.Null(Refusal(RegisterRules.NoteClosed(half, "w1", nodes[1]), Ask(GuardOperation.Commit) with { WindowId = "w1" }));
    }

    [Fact]
    public void What_another_window_closed_does_not_count_for_this_one() =>
        Assert.Empty(RegisterRules.NoteClosed(Armed(), "w0", Blue.Writer).Window!.Closed);

    [Fact]
    public void Past_the_deadline_a_commit_decides_for_the_source()
    {
        var ruling = RegisterRules.Apply(Armed(), Ask(GuardOperation.Commit) with { WindowId = "w1" }, Late);
        Assert.Equal(WindowOutcome.Expired, ruling.Attempt);
        Assert.Equal([new Duty.Expire()], RegisterRules.Duties(Armed(), Late));
    }

    [Fact]
    public void Nothing_is_closed_past_the_deadline()
    {
        var close = Ask(GuardOperation.Close) with { WindowId = "w1", Nodes = [Blue.Writer] };
        Assert.Empty(RegisterRules.Examine(Armed(), close, InTime));
        Assert.Equal("NotArmed", RegisterRules.Examine(Armed(), close, Late).First().ErrorId);
    }

    /// <summary>(The model relies on it.)</summary>
    [Theory]
    [InlineData(WindowOutcome.Committed)]
    [InlineData(WindowOutcome.Expired)]
    public void Once_a_window_is_decided_its_deadline_says_nothing_any_more(WindowOutcome outcome)
    {
        var state = Decided(outcome);
        var (early, late) = (InTime with { Lease = LeaseCondition.Dead }, Late with { Lease = LeaseCondition.Dead });
        foreach (var operation in Enum.GetValues<GuardOperation>())
        {
            foreach (var node in new[] { Blue.Writer, Green.Writer })
            {
                var request = Ask(operation) with { WindowId = "w1", Nodes = [node], Plan = Arm("w1", Blue, Green).Plan, Act = ActOn(GuardedAct.Demote, Green).Act, Lease = Acquire("one").Lease };
                Assert.Equal(RegisterRules.Examine(state, request, early).Select(refusal => refusal.ErrorId), RegisterRules.Examine(state, request, late).Select(refusal => refusal.ErrorId));
            }
        }

        Assert.Equal(RegisterRules.Duties(state, early), RegisterRules.Duties(state, late));
    }

    [Fact]
    public void An_older_epoch_is_refused_first_whatever_is_asked()
    {
        var raised = Armed() with { Epoch = 2 };
        foreach (var operation in Enum.GetValues<GuardOperation>().Except([GuardOperation.Hello, GuardOperation.Status, GuardOperation.Acquire]))
        {
            var request = Ask(operation) with { WindowId = "w1", Nodes = [Green.Writer], Plan = Arm("w1", Blue, Green).Plan, Act = ActOn(GuardedAct.Demote, Green).Act };
            Assert.Equal("StaleEpoch", Refusal(raised, request));
        }
    }

    [Fact]
    public void A_commit_is_reverted_under_a_higher_epoch_and_before_its_target_was_opened()
    {
        var committed = Decided(WindowOutcome.Committed);
        var revert = Ask(GuardOperation.Revert) with { WindowId = "w1" };
        Assert.Equal("NotRevertible", Refusal(committed, revert));
        Assert.Null(Refusal(committed, revert with { Epoch = 2 }));
        Assert.Equal("TargetWasOpened", Refusal(RegisterRules.BeginOpening(committed), revert with { Epoch = 2 }));
    }

    [Fact]
    public void A_live_lease_is_not_given_to_another_and_a_silent_one_is_under_a_higher_epoch()
    {
        var held = RegisterRules.Apply(Fresh, Acquire("one"), InTime).Next;
        Assert.Equal("ServiceBusy", Refusal(held, Acquire("other")));
        Assert.Null(Refusal(held, Acquire("one")));
        var silent = InTime with { Lease = LeaseCondition.Silent };
        Assert.Empty(RegisterRules.Examine(held, Acquire("other"), silent));
        Assert.Equal(held.Epoch + 1, RegisterRules.Apply(held, Acquire("other"), silent).Next.Epoch);
    }

    private static RegisterState Armed(RegisterState? before = null, string window = "w1", ClusterLayout? source = null, ClusterLayout? target = null) =>
        RegisterRules.Apply(before ?? Fresh, Arm(window, source ?? Blue, target ?? Green), InTime).Next;

    private static RegisterState Decided(WindowOutcome outcome, RegisterState? before = null, string window = "w1", ClusterLayout? source = null, ClusterLayout? target = null) =>
        RegisterRules.Learn(Armed(before, window, source, target), new WindowDecision(window, outcome, 1, 0));

    private static RegisterState Completed(RegisterState decided)
    {
        var window = decided.Window!;
        var complete = Ask(GuardOperation.Complete) with { WindowId = window.Plan.WindowId };
        Assert.Equal("WindowNotSettled", Refusal(decided, complete));
        var settled = window.Winners.Aggregate(decided, (state, node) => RegisterRules.NoteOpened(state, window.Plan.WindowId, node));
        Assert.Null(Refusal(settled, complete));
        return RegisterRules.Apply(settled, complete, InTime).Next;
    }

    private static string? Refusal(RegisterState state, GuardRequest request) => RegisterRules.Examine(state, request, InTime).FirstOrDefault()?.ErrorId;

    private static GuardRequest Ask(GuardOperation operation) => new() { Operation = operation, Epoch = 1 };

    private static GuardRequest Acquire(string owner) => Ask(GuardOperation.Acquire) with { Lease = new GuardLease(owner, "u", new ProcessIdentity(1, 1, "boot"), "here", 0) };

    private static GuardRequest Arm(string window, ClusterLayout source, ClusterLayout target) =>
        Ask(GuardOperation.Arm) with { Plan = new WindowPlan(window, "u", Deadline, source, target) };

    private static GuardRequest ActOn(GuardedAct act, ClusterLayout target) =>
        Ask(GuardOperation.Act) with { Act = new ActRequest(act, "u", target == Blue ? Green : Blue, target, null, Deadline) };

    private static GuardMoment MomentAfter(TimeSpan time) => new(new GuardInstant("boot", (long)time.TotalMilliseconds, DateTimeOffset.UnixEpoch + time), LeaseCondition.Live);

    private static ClusterLayout Layout(ClusterColour colour, params int[] ports) => new(colour, "1", [new Shard("s", [.. ports.Select((port, index) => new Node
    {
        Name = $"{colour}-{port}",
        Colour = colour,
        Role = index == 0 ? NodeRole.Primary : NodeRole.Replica,
        Version = "1",
        Endpoint = new NodeEndpoint("node", port),
    })])]);
}
