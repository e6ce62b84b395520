using System.Text.Json;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Upgrade.Tests.Cli;

public sealed class CommandTests
{
    [Fact]
    public async Task Plan_is_shown_and_asks_for_the_file_by_its_full_path()
    {
        var run = await CommandLine.RunAsync("plan", "orders.yaml", "--to", "8.0");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("orders: Redis 7.0 -> 8.0", run.Out, StringComparison.Ordinal);
        Assert.Contains("Closes blue.  [writes closed]", run.Out, StringComparison.Ordinal);
        Assert.Contains("Nothing refuses this upgrade.", run.Out, StringComparison.Ordinal);
        var (operation, request) = Assert.Single(run.Operations.Asked);
        Assert.Equal(("plan", Path.GetFullPath("orders.yaml"), "8.0"), (operation, request.Path, request.TargetVersion));
    }

    [Fact]
    public async Task A_plan_that_is_refused_has_the_exit_code_of_a_refusal()
    {
        var operations = new FakeOperations { Findings = [Finding.Refuse("SnapshotUnreadable", "orders-1", "It cannot be read.", "Choose another version.")] };

        var run = await CommandLine.RunAsync(operations, input: null, "plan", "orders.yaml", "--json");

        Assert.Equal(8, run.ExitCode);
        using var document = JsonDocument.Parse(run.Out);
        Assert.False(document.RootElement.GetProperty("passed").GetBoolean());
        Assert.Equal("Refuse", document.RootElement.GetProperty("findings")[0].GetProperty("severity").GetString());
    }

    [Fact]
    public async Task Everything_that_overrides_the_service_file_arrives_in_the_request()
    {
        var run = await CommandLine.RunAsync(
            "upgrade", "orders.yaml", "--yes", "--to", "8.0", "--strategy", "mirror", "--window-deadline", "20s", "--hold-limit", "5s", "--soak", "1m30s",
            "--lag-gate", "64KB", "--catch-up-deadline", "2h", "--allow-one-way", "--allow-load-on-blue", "--skip-verification", "tried by hand", "--state", "/tmp/state");

        var (operation, request) = Assert.Single(run.Operations.Asked);
        Assert.Equal("Everything", operation);
        Assert.Equal(
            new UpgradeRequest
            {
                Path = Path.GetFullPath("orders.yaml"),
                StateDirectory = "/tmp/state",
                TargetVersion = "8.0",
                Strategy = UpgradeStrategy.Mirror,
                WindowDeadline = TimeSpan.FromSeconds(20),
                HoldLimit = TimeSpan.FromSeconds(5),
                Soak = TimeSpan.FromSeconds(90),
                LagGate = 64 << 10,
                CatchUpDeadline = TimeSpan.FromHours(2),
                Consent = new UpgradeConsent { Switch = true, AllowOneWay = true, AllowLoadOnBlue = true, SkipVerificationReason = "tried by hand" },
            },
            request);
        Assert.Contains("writes closed  8.3 ms", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("provision", UpgradeStretch.NewGreen)]
    [InlineData("verify", UpgradeStretch.Verify)]
    [InlineData("switch", UpgradeStretch.Switch)]
    [InlineData("retire", null)]
    public async Task An_upgrade_can_stop_behind_a_step(string through, UpgradeStretch? until)
    {
        var run = await CommandLine.RunAsync("upgrade", "orders.yaml", "--through", through, "--yes");

        Assert.Equal(0, run.ExitCode);
        var (operation, request) = Assert.Single(run.Operations.Asked);
        Assert.Equal(("Everything", until), (operation, request.Until));
    }

    [Theory]
    [InlineData(null, 2, "ConfirmationNeeded")]
    [InlineData("n\n", 8, "NotConfirmed")]
    [InlineData("", 8, "NotConfirmed")]
    public async Task Traffic_is_not_switched_without_a_yes(string? input, int code, string id)
    {
        var run = await CommandLine.RunAsync(new FakeOperations(), input, "upgrade", "orders.yaml");

        Assert.Equal(code, run.ExitCode);
        Assert.Contains(id, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Operations.Asked);
    }

    [Theory]
    [InlineData("upgrade")]
    [InlineData("undo")]
    public async Task A_yes_can_be_given_when_asked(string command)
    {
        var run = await CommandLine.RunAsync(new FakeOperations(), "y\n", command, "orders.yaml");

        Assert.Equal(0, run.ExitCode);
        Assert.True(Assert.Single(run.Operations.Asked).Request.Consent.Switch);
    }

    [Fact]
    public async Task What_does_not_switch_traffic_asks_nobody()
    {
        var run = await CommandLine.RunAsync("upgrade", "orders.yaml", "--through", "verify");

        Assert.Equal(0, run.ExitCode);
        Assert.All(run.Operations.Asked, asked => Assert.False(asked.Request.Consent.Switch));
    }

    [Theory]
    [InlineData("status")]
    [InlineData("resume")]
    [InlineData("stop")]
    public async Task An_upgrade_can_be_named_by_id_and_folder(string command)
    {
        var run = await CommandLine.RunAsync(command, "--id", "orders-1", "--state", "/tmp/state");

        Assert.Equal(0, run.ExitCode);
        var request = Assert.Single(run.Operations.Asked).Request;
        Assert.Equal((null, "orders-1", "/tmp/state"), (request.Path, request.UpgradeId, request.StateDirectory));
    }

    [Theory]
    [InlineData("shard-by-shard")]
    [InlineData("ShardByShard")]
    public async Task Shards_are_upgraded_one_by_one_or_so_many_at_once(string strategy)
    {
        var run = await CommandLine.RunAsync("upgrade", "orders.yaml#a", "--yes", "--strategy", strategy, "--shard-strategy", "VolumeReuse", "--throttle-limit", "2");

        var request = Assert.Single(run.Operations.Asked).Request;
        Assert.Equal((UpgradeStrategy.ShardByShard, UpgradeStrategy.VolumeReuse, 2, Path.GetFullPath("orders.yaml#a")), (request.Strategy, request.ShardStrategy, request.ThrottleLimit, request.Path));
    }

    [Fact]
    public async Task A_report_goes_where_it_is_said()
    {
        var run = await CommandLine.RunAsync("report", "orders.yaml", "--html", "/tmp/r.html", "--document", "/tmp/r.json");
        var nowhere = await CommandLine.RunAsync("report", "orders.yaml");

        Assert.Equal("report /tmp/r.html /tmp/r.json", Assert.Single(run.Operations.Asked).Operation);
        Assert.Equal(2, nowhere.ExitCode);
    }

    [Fact]
    public async Task Json_is_one_document_and_progress_is_elsewhere()
    {
        var run = await CommandLine.RunAsync("upgrade", "orders.yaml", "--yes", "--json");

        using var document = JsonDocument.Parse(run.Out);
        Assert.Equal("Switched", document.RootElement.GetProperty("state").GetString());
        Assert.Equal("00:00:00.0082500", document.RootElement.GetProperty("closedFor").GetString());
        Assert.False(document.RootElement.GetProperty("blue").TryGetProperty("writer", out _));
        Assert.Contains("Reaching Everything.", run.Error, StringComparison.Ordinal);
    }
}
