using StatefulDeploy.Model;

namespace StatefulDeploy.Upgrade.Tests.Configuration;

/// <summary>A suite that is a workload, in a service file.</summary>
public sealed class WorkloadReaderTests
{
    [Fact]
    public void A_workload_is_a_load_suite_with_defaults()
    {
        var suite = Assert.Single(Read("scripts: [./a.sql]").Suites);

        Assert.Equal(SuiteKind.Load, suite.Kind);
        Assert.Equal(new WorkloadScript("a.sql", 1), suite.Workload!.Scripts.Single() with { Path = "a.sql" });
        Assert.Equal((0, 8, TimeSpan.FromSeconds(30), 2.0), (suite.Workload.Sample, suite.Workload.Clients, suite.Workload.Duration, suite.Workload.MaxPlanCostRatio));
    }

    [Fact]
    public void Everything_can_be_said()
    {
        var workload = Assert.Single(Read("scripts: [./a.sql@3, /b.sql], sample: 5, clients: 2, duration: 1m, maxPlanCostRatio: 1.5").Suites).Workload!;

        Assert.Equal([("a.sql", 3), ("b.sql", 1)], workload.Scripts.Select(script => (Path.GetFileName(script.Path), script.Weight)));
        Assert.Equal((5, 2, TimeSpan.FromMinutes(1), 1.5), (workload.Sample, workload.Clients, workload.Duration, workload.MaxPlanCostRatio));
    }

    [Theory]
    [InlineData("clients: 2", "MissingKey", "'scripts' or 'sample'")]
    [InlineData("scripts: [./a.sql@0]", "InvalidValue", "weight")]
    [InlineData("sample: 100", "InvalidValue", "0 to 16")]
    [InlineData("sample: 1, duration: 10ms", "InvalidValue", "1000 ms")]
    [InlineData("sample: 1, client: 2", "UnknownKey", "clients")]
    [InlineData("sample: 1 }, command: [x", "ConflictingKeys", "'workload'")]
    [InlineData("sample: 1 }, kind: smoke, results: { x: 1", "InvalidValue", "kind")]
    public void What_is_wrong_is_named(string workload, string code, string named)
    {
        var refusal = ServiceFile.Refuse(Text(workload).Replace("[x }", "[x]", StringComparison.Ordinal));

        Assert.Equal(code, refusal.ErrorId);
        Assert.Contains(named, refusal.Message + refusal.RecommendedAction, StringComparison.Ordinal);
    }

    private static ServiceDescription Read(string workload) => ServiceFile.Read(Text(workload));

    private static string Text(string workload) => ServiceFile.Minimal + $"\nverification:\n  - {{ name: peak, workload: {{ {workload} }} }}\n";
}
