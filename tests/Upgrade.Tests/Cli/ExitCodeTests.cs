using System.Runtime.CompilerServices;
using System.Text.Json;
using StatefulDeploy.Cli;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Upgrade.Tests.Cli;

public sealed class ExitCodeTests
{
    public static TheoryData<FailureCategory> Categories => new(Enum.GetValues<FailureCategory>());

    [Theory]
    [MemberData(nameof(Categories))]
    public async Task A_failure_is_told_on_standard_error_with_its_remedy_and_id_and_has_its_own_code(FailureCategory category)
    {
        var operations = new FakeOperations { Failure = new UpgradeException("SomethingWrong", "It went wrong.", "Do this.", category) };

        var run = await CommandLine.RunAsync(operations, input: null, "plan", "orders.yaml");

        Assert.Equal(ExitCode.Of(category), run.ExitCode);
        Assert.Equal(category, Enum.GetValues<FailureCategory>().Single(other => ExitCode.Of(other) == run.ExitCode));
        Assert.Equal("error: It went wrong.\n  what to do: Do this.\n  id: SomethingWrong\n", run.Error);
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task With_json_a_failure_is_a_document_too()
    {
        var operations = new FakeOperations { Failure = new UpgradeException("SomethingWrong", "It went wrong.", "Do this.", FailureCategory.Busy) };

        var run = await CommandLine.RunAsync(operations, input: null, "plan", "orders.yaml", "--json");

        using var document = JsonDocument.Parse(run.Out);
        var error = document.RootElement.GetProperty("error");
        Assert.Equal(("SomethingWrong", "Busy", 5), (error.GetProperty("id").GetString(), error.GetProperty("category").GetString(), error.GetProperty("exitCode").GetInt32()));
    }

    [Fact]
    public async Task What_nobody_expected_is_a_bug_and_says_so()
    {
        var run = await CommandLine.RunAsync(new FakeOperations { Failure = new InvalidOperationException("boom") }, input: null, "plan", "orders.yaml");

        Assert.Equal(70, run.ExitCode);
        Assert.Contains("InvalidOperationException: boom", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("upgrade")]
    [InlineData("upgrade", "a.yaml", "--soak", "4y")]
    [InlineData("upgrade", "a.yaml", "--lag-gate", "much")]
    [InlineData("upgrade", "a.yaml", "--strategy", "magic")]
    [InlineData("upgrade", "a.yaml", "--through", "nowhere")]
    [InlineData("plan", "a.yaml", "--no-such-option")]
    [InlineData("no-such-command")]
    [InlineData("demo", "--engine", "oracle")]
    [InlineData("demo", "--clients", "0")]
    public async Task A_wrong_command_line_is_invalid_input_and_runs_nothing(params string[] arguments)
    {
        var run = await CommandLine.RunAsync(arguments);

        Assert.Equal(2, run.ExitCode);
        Assert.NotEmpty(run.Error);
        Assert.Empty(run.Out);
        Assert.Empty(run.Operations.Asked);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("upgrade", "--help")]
    public async Task Help_lists_every_code(params string[] arguments)
    {
        var run = await CommandLine.RunAsync(arguments);

        Assert.Equal(0, run.ExitCode);
        Assert.All(ExitCode.Table, row => Assert.Contains($"{row.Code,3}  {row.Meaning}", run.Out, StringComparison.Ordinal));
    }

    [Fact]
    public void The_readme_lists_every_code()
    {
        var readme = File.ReadAllText(ReadmePath());

        Assert.All(ExitCode.Table, row => Assert.Contains($"| {row.Code} | {row.Meaning} |", readme, StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_command_takes_a_secret()
    {
        foreach (var command in new[] { "plan", "upgrade", "status", "resume", "undo", "stop", "report", "gateway", "demo" })
        {
            var run = await CommandLine.RunAsync(command, "--help");
            Assert.DoesNotContain("--pass", run.Out, StringComparison.OrdinalIgnoreCase);
        }
    }

    private static string ReadmePath([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "README.md"));
}
