using StatefulDeploy.Guard;
using Xunit.Abstractions;

namespace StatefulDeploy.Core.Tests.Guard.Model;

/// <summary>
/// Every interleaving of orchestrator, keeper, second operator, watcher and nodes over the window, enumerated against invariants 1, 2, 4
/// and 5, with the product's own <see cref="RegisterRules"/>. The bounds: two clusters of a node each;
/// two or three who hold the lease in turn, each crashed, suspended or late at any point; one or two windows that anybody remembers at a
/// time. Not bounded: takeovers, windows one after another, guards killed at any point and started again, acts given up with their bytes
/// under way, lost answers. Nothing is sampled. What nobody could ever tell apart is looked at once: see <see cref="Normal"/>. With the router
/// (invariant 3) the worlds are too many for a test: there only the mistakes are looked for.
/// </summary>
public sealed class GuardModelTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(3, 1, true)]
    [InlineData(2, 2, true)]
    [InlineData(2, 1, false)]
    public void No_interleaving_breaks_an_invariant(int participants, int windows, bool mannered)
    {
        var checker = new ModelChecker(new ModelLimits { Participants = participants, Windows = windows, Mannered = mannered });
        var wrong = checker.Run();
        output.WriteLine($"{checker.Count:N0} worlds");
        Assert.True(wrong is null, wrong);
        Assert.True(checker.Count > 100_000, $"Only {checker.Count} worlds were looked at: something keeps the others from being reached.");
    }

    [Theory]
    [InlineData(nameof(Flaw.OutcomeNotExclusive), 1)]
    [InlineData(nameof(Flaw.OutcomeNotRead), 5)]
    [InlineData(nameof(Flaw.ActBeforeStore), 5)]
    [InlineData(nameof(Flaw.TwoGuards), 4)]
    [InlineData(nameof(Flaw.NoRevocation), 5)]
    [InlineData(nameof(Flaw.RouterIgnoresEpoch), 3)]
    [InlineData(nameof(Flaw.PositionBeforeFence), 2)]
    [InlineData(nameof(Flaw.ReceivedForApplied), 2)]
    [InlineData(nameof(Flaw.UnguardedAct), 4)]
    [InlineData(nameof(Flaw.WatcherSleeps), 4)]
    public void A_deliberate_mistake_is_found(string flaw, int invariant)
    {
        var mistake = Enum.Parse<Flaw>(flaw);
        var limits = new ModelLimits { Flaw = mistake, Windows = mistake == Flaw.UnguardedAct ? 2 : 1, Router = mistake == Flaw.RouterIgnoresEpoch };
        Find(limits, invariant);
    }

    /// <summary>
    /// Not among them: the rule about a live lease, which is a courtesy (in the model everybody gets the lease at once, and nothing rests on it),
    /// and the one that a commit is reverted only by a higher epoch, which the model without a router does not miss.
    /// </summary>
    [Theory]
    [InlineData(nameof(GuardRule.Epoch), 3)]
    [InlineData(nameof(GuardRule.OneWindow), 5)]
    [InlineData(nameof(GuardRule.Direction), 2)]
    [InlineData(nameof(GuardRule.SameWindow), 2)]
    [InlineData(nameof(GuardRule.CloseUnderWindow), 4)]
    [InlineData(nameof(GuardRule.OpenByOutcome), 1)]
    [InlineData(nameof(GuardRule.ActOnIdle), 2)]
    [InlineData(nameof(GuardRule.CommitWhenClosed), 1)]
    [InlineData(nameof(GuardRule.RevertUnopened), 1)]
    [InlineData(nameof(GuardRule.CompleteWhenSettled), 4)]
    public void A_rule_that_is_switched_off_is_missed(string rule, int invariant)
    {
        var without = Enum.Parse<GuardRule>(rule);
        var limits = new ModelLimits
        {
            Without = without,
            Windows = without is GuardRule.OneWindow or GuardRule.SameWindow ? 2 : 1,
            Mannered = without != GuardRule.CommitWhenClosed,
            Router = without == GuardRule.Epoch,
        };
        Find(limits, invariant);
    }

    private void Find(ModelLimits limits, int invariant)
    {
        var checker = new ModelChecker(limits);
        var wrong = checker.Run();
        output.WriteLine($"{checker.Count:N0} worlds\n{wrong}");
        Assert.NotNull(wrong);
        Assert.StartsWith($"invariant {invariant}: ", wrong, StringComparison.Ordinal);
        Assert.True(wrong.Split('\n').Length > 2, wrong);
    }
}
