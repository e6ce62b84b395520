using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Verification;

namespace StatefulDeploy.Upgrade.Tests.Verification;

/// <summary>Which changes of a plan are for the worse.</summary>
public sealed class PlanGateTests
{
    private static readonly WorkloadDescription Workload = new() { MaxPlanCostRatio = 2 };

    [Fact]
    public void The_same_plan_at_nearly_the_same_cost_passes()
    {
        var result = Judge(Plan(19, "Index Scan"), Plan(10, "Index Scan"));

        Assert.True(result.Passed);
        Assert.Equal("before", result.Notes);
    }

    [Fact]
    public void A_plan_that_is_estimated_at_more_than_the_allowed_ratio_fails_with_both_plans()
    {
        var result = Judge(Plan(21, "Index Scan", "Sort"), Plan(10, "Index Scan"));

        Assert.False(result.Passed);
        Assert.Equal("before\nplan of 'SELECT * FROM o WHERE id = $1': expected at most 2 times blue's estimated cost of 10, actual 21 (2.1 times); Sort > Index Scan instead of Index Scan", result.Notes);
    }

    [Theory]
    [InlineData("Seq Scan", 12, false)]
    [InlineData("Parallel Seq Scan", 10, false)]
    [InlineData("Seq Scan", 9, true)]
    [InlineData("Bitmap Index Scan", 12, true)]
    public void A_sequential_scan_where_blue_had_an_index_fails_unless_the_whole_is_cheaper(string scan, double cost, bool passes)
    {
        var result = Judge(Plan(cost, scan), Plan(10, "Index Only Scan"));

        Assert.Equal(passes, result.Passed);
        Assert.Equal(!passes, result.Notes.Contains($"o is read by {scan} where blue has Index Only Scan", StringComparison.Ordinal));
    }

    [Fact]
    public void A_statement_that_blue_never_planned_is_not_judged() => Assert.True(Judge(Plan(1000, "Seq Scan") with { Statement = "SELECT 1" }, Plan(10, "Index Scan")).Passed);

    private static SuiteResult Judge(StatementPlan green, StatementPlan blue) =>
        PlanGate.Judge(new SuiteResult { Name = "peak", Kind = SuiteKind.Load, Passed = true, Notes = "before" }, Workload, [green], [blue]);

    private static StatementPlan Plan(double cost, string scan, params string[] above) =>
        new("SELECT *\n  FROM o WHERE id = $1", cost, new Dictionary<string, string>(StringComparer.Ordinal) { ["o"] = scan }, [.. above, scan]);
}
