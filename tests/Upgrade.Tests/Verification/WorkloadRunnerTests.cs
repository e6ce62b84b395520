using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Verification;

namespace StatefulDeploy.Upgrade.Tests.Verification;

/// <summary>Suites that the engine replays itself.</summary>
public sealed class WorkloadRunnerTests : IDisposable
{
    private readonly Scene _scene = new();
    private readonly FakeCopies _copies = new() { IsNeededToRead = true };

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task A_workload_runs_on_copies_of_both_versions_once_and_is_compared_with_the_recorded_baseline_afterwards()
    {
        var workload = new FakeWorkload();
        var suite = Suite();

        Assert.True((await RunAsync(suite, workload)).Passed);
        Assert.True((await RunAsync(suite, workload)).Passed);

        Assert.Equal(["Green 8101", "Blue 8001", "Green 8101"], workload.Ran);
    }

    [Fact]
    public async Task Other_scripts_make_another_baseline()
    {
        var workload = new FakeWorkload();
        await RunAsync(Suite(), workload);
        File.WriteAllText(_scene.Script("load.sql", string.Empty), "SELECT 2;");

        await RunAsync(Suite() with { Workload = new WorkloadDescription { Scripts = [new WorkloadScript(Path.Combine(_scene.Folder, "load.sql"), 1)] } }, workload);

        Assert.Equal(["Green 8101", "Blue 8001", "Green 8101", "Blue 8001"], workload.Ran);
    }

    [Fact]
    public async Task A_plan_that_became_worse_fails_the_suite()
    {
        var result = await RunAsync(Suite(), new FakeWorkload { GreenCost = 100 });

        Assert.False(result.Passed);
        Assert.Contains("plan of 'SELECT 1': expected at most 2 times", result.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_statement_that_fails_on_green_fails_the_suite_and_blue_is_not_asked()
    {
        var workload = new FakeWorkload { Failure = "ERROR: function old() does not exist" };

        var result = await RunAsync(Suite(), workload);

        Assert.False(result.Passed);
        Assert.Equal("ERROR: function old() does not exist", result.Notes);
        Assert.Equal(["Green 8101"], workload.Ran);
    }

    [Fact]
    public async Task A_command_of_an_engine_whose_closed_nodes_let_nobody_in_runs_on_a_copy_though_it_only_reads()
    {
        var seen = Path.Combine(_scene.Folder, "seen");
        var suite = new SuiteDescription { Name = "smoke", Command = [_scene.Script("smoke.sh", $"echo $STATEFULDEPLOY_PORT > {seen}")] };

        var results = await new VerificationRunner(_copies).RunAsync(_scene.Context(suite), [suite], new UpgradeConsent(), default);

        Assert.True(results[0].Passed, results[0].Notes);
        Assert.Equal("8101", File.ReadAllText(seen).Trim());
    }

    [Fact]
    public void What_cannot_be_replayed_is_refused_beforehand()
    {
        var missing = Suite() with { Workload = new WorkloadDescription { Scripts = [new WorkloadScript("/nowhere/load.sql", 1)] } };

        Assert.Equal("SuiteMissing", Assert.Single(new VerificationRunner(_copies, new FakeWorkload()).Inspect(_scene.Context(missing), new UpgradeConsent())).Code);
        Assert.Equal("WorkloadNotSupported", Assert.Single(new VerificationRunner(_copies).Inspect(_scene.Context(Suite()), new UpgradeConsent())).Code);
    }

    private SuiteDescription Suite() => new()
    {
        Name = "peak", Kind = SuiteKind.Load, Workload = new WorkloadDescription { Scripts = [new WorkloadScript(_scene.Script("one.sql", "SELECT 1;"), 1)] },
    };

    private async Task<SuiteResult> RunAsync(SuiteDescription suite, FakeWorkload workload) =>
        Assert.Single(await new VerificationRunner(_copies, workload).RunAsync(_scene.Context(suite), [suite], new UpgradeConsent(), default));

    private sealed class FakeWorkload : IWorkload
    {
        public List<string> Ran { get; } = [];

        public double GreenCost { get; init; } = 10;

        public string? Failure { get; init; }

        public Task<IReadOnlyList<WorkloadScript>> PrepareAsync(EngineContext context, SuiteDescription suite, string folder, CancellationToken cancellationToken) => Task.FromResult(suite.Workload!.Scripts);

        public Task<WorkloadRun> RunAsync(EngineContext context, ClusterLayout cluster, SuiteDescription suite, IReadOnlyList<WorkloadScript> scripts, CancellationToken cancellationToken)
        {
            Ran.Add($"{cluster.Colour} {cluster.Writer.Endpoint.Port}");
            var cost = cluster.Colour == ClusterColour.Green ? GreenCost : 10;
            var plan = new StatementPlan("SELECT 1", cost, new Dictionary<string, string>(StringComparer.Ordinal), ["Result"]);
            return Task.FromResult(new WorkloadRun(new LoadMetrics(1, 2, 3, 100), [plan], Failure is null ? [] : [Failure]));
        }
    }
}
