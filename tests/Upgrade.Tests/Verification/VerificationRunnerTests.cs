using System.Diagnostics;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Verification;

namespace StatefulDeploy.Upgrade.Tests.Verification;

public sealed class VerificationRunnerTests : IDisposable
{
    private readonly Scene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task A_suite_finds_green_and_its_credentials_in_the_environment_and_the_password_nowhere_else()
    {
        var seen = Path.Combine(_scene.Folder, "seen");
        var suite = Suite("smoke", $"env | grep ^STATEFULDEPLOY | sort > {seen}; echo my password is $STATEFULDEPLOY_PASSWORD; exit 3");

        var result = await RunAsync(suite);

        var environment = File.ReadAllLines(seen);
        Assert.Contains("STATEFULDEPLOY_ENDPOINT=127.0.0.1:7101", environment);
        Assert.Contains("STATEFULDEPLOY_HOST=127.0.0.1", environment);
        Assert.Contains("STATEFULDEPLOY_PORT=7101", environment);
        Assert.Contains("STATEFULDEPLOY_USER=app", environment);
        Assert.Contains($"STATEFULDEPLOY_PASSWORD={Scene.Password}", environment);
        Assert.Contains("STATEFULDEPLOY_VERSION=8.0", environment);
        Assert.Contains("STATEFULDEPLOY_COLOUR=green", environment);
        Assert.Contains("STATEFULDEPLOY_SERVICE=orders", environment);
        Assert.Contains("STATEFULDEPLOY_ENGINE=redis", environment);
        Assert.False(result.Passed);
        Assert.Contains("Expected exit code 0, actual 3", result.Notes, StringComparison.Ordinal);
        Assert.Contains("my password is ***", result.Notes, StringComparison.Ordinal);
        Assert.DoesNotContain(_scene.Told, told => told.Message.Contains(Scene.Password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_suite_that_ends_well_passes()
    {
        var result = await RunAsync(Suite("smoke", "exit 0"));

        Assert.True(result.Passed);
        Assert.Equal(0, result.ExitCode);
        Assert.Null(result.Tests);
        Assert.Empty(result.Notes);
    }

    [Fact]
    public async Task At_its_deadline_a_suite_is_ended_with_everything_it_started()
    {
        var child = Path.Combine(_scene.Folder, "child");
        var suite = Suite("slow", $"sleep 300 & echo $! > {child}; echo waiting; wait") with { Timeout = TimeSpan.FromSeconds(1) };
        var begun = Stopwatch.GetTimestamp();

        var result = await RunAsync(suite);

        Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(20));
        Assert.False(result.Passed);
        Assert.Null(result.ExitCode);
        Assert.Contains("Expected to end within 00:00:01", result.Notes, StringComparison.Ordinal);
        Assert.Contains("waiting", result.Notes, StringComparison.Ordinal);
        Assert.False(IsRunning(int.Parse(File.ReadAllText(child))));
    }

    [Fact]
    public async Task Cancelling_ends_the_suite_and_removes_its_copy()
    {
        var copies = new FakeCopies();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var suite = Suite("slow", "sleep 300") with { Writes = true };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new VerificationRunner(copies).RunAsync(_scene.Context(suite), [suite], new UpgradeConsent(), stop.Token));

        Assert.Equal(["make slow of Green", "remove slow of Green"], copies.Asked);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_a_failed_suite()
    {
        var result = await RunAsync(new SuiteDescription { Name = "gone", Command = ["/nowhere/suite"] });

        Assert.False(result.Passed);
        Assert.Contains("'/nowhere/suite' cannot be started", result.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failures_of_a_results_file_are_told_with_expected_and_actual()
    {
        var suite = Suite("regression", """
            cat > "$STATEFULDEPLOY_RESULTS" <<XML
            <testsuites><testsuite name="orders">
            <testcase classname="Orders" name="Total"><failure message="Expected: 10 But was: 9">stack</failure></testcase>
            <testcase classname="Orders" name="Count"/><testcase classname="Orders" name="Later"><skipped/></testcase>
            </testsuite></testsuites>
            XML
            exit 1
            """) with { Results = "out/results.xml" };
        Directory.CreateDirectory(Path.Combine(_scene.Folder, "out"));

        var result = await RunAsync(suite);

        Assert.False(result.Passed);
        Assert.Equal((2, 1), (result.Tests, result.Failures));
        Assert.Equal("Orders.Total: Expected: 10 But was: 9", result.Notes);
    }

    [Theory]
    [InlineData("exit 0", "found no such file")]
    [InlineData("echo '<testsuite/>' > $STATEFULDEPLOY_RESULTS", "has none")]
    [InlineData("echo '<html/>' > $STATEFULDEPLOY_RESULTS", "root <html>")]
    [InlineData("echo '<testsuite' > $STATEFULDEPLOY_RESULTS", "not valid XML")]
    public async Task Results_that_prove_nothing_fail_the_suite(string script, string says)
    {
        var stale = Path.Combine(_scene.Folder, "results.xml");
        File.WriteAllText(stale, "<testsuite><testcase name=\"old\"/></testsuite>");

        var result = await RunAsync(Suite("odd", script) with { Results = "results.xml" });

        Assert.False(result.Passed);
        Assert.Contains(says, result.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_suite_that_writes_runs_on_a_copy_of_green()
    {
        var copies = new FakeCopies();
        var seen = Path.Combine(_scene.Folder, "seen");
        var suite = Suite("smoke test", $"echo $STATEFULDEPLOY_PORT $STATEFULDEPLOY_COPY > {seen}") with { Writes = true };

        var result = await RunAsync(suite, copies);

        Assert.True(result.Passed, result.Notes);
        Assert.Equal("8101 true", File.ReadAllText(seen).Trim());
        Assert.Equal(["make smoke_test of Green", "remove smoke_test of Green"], copies.Asked);
    }

    [Fact]
    public async Task A_copy_that_cannot_be_made_fails_the_suite_and_is_cleaned_up()
    {
        var copies = new FakeCopies { Fails = true };

        var result = await RunAsync(Suite("writes", "exit 0") with { Writes = true }, copies);

        Assert.False(result.Passed);
        Assert.Contains("no memory for a copy", result.Notes, StringComparison.Ordinal);
        Assert.Equal("remove writes of Green", copies.Asked[^1]);
    }

    [Fact]
    public async Task Without_copies_a_suite_that_writes_does_not_run_and_preflight_says_so()
    {
        var ran = Path.Combine(_scene.Folder, "ran");
        var suite = Suite("writes", $"touch {ran}") with { Writes = true };

        var result = await RunAsync(suite);

        Assert.False(result.Passed);
        Assert.False(File.Exists(ran));
        Assert.Contains(Inspect(suite), finding => finding is { Code: "SuiteNeedsCopy", Severity: FindingSeverity.Refuse });
    }

    [Fact]
    public async Task A_load_suite_is_compared_with_a_copy_on_the_old_version_once_and_with_the_record_afterwards()
    {
        var copies = new FakeCopies();
        var suite = Load("[ $STATEFULDEPLOY_COLOUR = blue ] && echo '{\"p50\":1,\"p95\":2,\"p99\":4,\"throughput\":1000}' || printf 'p50=1.1\\np95=2.1\\np99=4.4\\nthroughput=950\\n'");

        var first = await RunAsync(suite, copies);
        var second = await RunAsync(suite, copies);

        Assert.True(first.Passed, first.Notes);
        Assert.Equal(1.1, first.Ratios["p99"], 3);
        Assert.Equal(0.95, first.Ratios["throughput"], 3);
        Assert.Contains("on 7.0 (copy", first.Notes, StringComparison.Ordinal);
        Assert.True(second.Passed, second.Notes);
        Assert.Equal(["make load of Blue", "remove load of Blue"], copies.Asked);
    }

    [Fact]
    public async Task A_load_suite_that_passes_a_threshold_fails_with_expected_and_actual()
    {
        var suite = Load("[ $STATEFULDEPLOY_COLOUR = blue ] && echo p50=1 p95=2 p99=4 throughput=1000 || echo p50=1 p95=2 p99=6 throughput=800");

        var result = await RunAsync(suite, new FakeCopies());

        Assert.False(result.Passed);
        Assert.Contains("p99: expected at most 1.2 times blue's 4, actual 6 (1.5 times)", result.Notes, StringComparison.Ordinal);
        Assert.Contains("throughput: expected at least 0.9 times blue's 1000, actual 800 (0.8 times)", result.Notes, StringComparison.Ordinal);
        Assert.DoesNotContain("p50: expected", result.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_runs_on_live_blue_only_with_consent()
    {
        var seen = Path.Combine(_scene.Folder, "seen");
        var suite = Load($"echo $STATEFULDEPLOY_PORT >> {seen}; echo p50=1 p95=2 p99=4 throughput=1000");

        var refused = await RunAsync(suite);
        var allowed = await RunAsync(suite, copies: null, new UpgradeConsent { AllowLoadOnBlue = true });

        Assert.False(refused.Passed);
        Assert.Contains("There is no baseline on 7.0", refused.Notes, StringComparison.Ordinal);
        Assert.True(allowed.Passed, allowed.Notes);
        Assert.Contains("live blue", allowed.Notes, StringComparison.Ordinal);
        Assert.Equal(["7101", "7101", "7001"], File.ReadAllLines(seen));
    }

    [Fact]
    public async Task A_load_suite_that_writes_never_runs_on_live_blue()
    {
        var suite = Load("echo p50=1 p95=2 p99=4 throughput=1000") with { Writes = true };

        var result = await RunAsync(suite, copies: null, new UpgradeConsent { AllowLoadOnBlue = true });

        Assert.False(result.Passed);
        Assert.Contains(Inspect(suite, new UpgradeConsent { AllowLoadOnBlue = true }), finding => finding.Code == "BaselineMissing");
    }

    [Fact]
    public async Task A_load_suite_without_figures_fails()
    {
        var result = await RunAsync(Load("echo p50=1"), new FakeCopies());

        Assert.False(result.Passed);
        Assert.Contains("Expected a JSON object or lines name=value", result.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public void Preflight_misses_a_pester_file_before_anything_is_copied()
    {
        var suite = new SuiteDescription { Name = "pester", PesterFile = "/nowhere/x.Tests.ps1" };

        Assert.Contains(Inspect(suite), finding => finding.Code == "SuiteMissing");
        Assert.Empty(Inspect(suite, new UpgradeConsent { SkipVerificationReason = "tried by hand" }));
    }

    private static bool IsRunning(int id)
    {
        var state = File.Exists($"/proc/{id}/stat") ? File.ReadAllText($"/proc/{id}/stat").Split(')')[^1].Trim()[0] : 'X';
        return state is not ('X' or 'Z');
    }

    private SuiteDescription Suite(string name, string script) => new() { Name = name, Command = [_scene.Script($"{name.Replace(' ', '-')}.sh", script)] };

    private SuiteDescription Load(string script) => Suite("load", script) with { Kind = SuiteKind.Load };

    private IReadOnlyList<Finding> Inspect(SuiteDescription suite, UpgradeConsent? consent = null) =>
        new VerificationRunner(copies: null).Inspect(_scene.Context(suite), consent ?? new UpgradeConsent());

    private async Task<SuiteResult> RunAsync(SuiteDescription suite, IDisposableCopy? copies = null, UpgradeConsent? consent = null) =>
        Assert.Single(await new VerificationRunner(copies).RunAsync(_scene.Context(suite), [suite], consent ?? new UpgradeConsent(), CancellationToken.None));
}
