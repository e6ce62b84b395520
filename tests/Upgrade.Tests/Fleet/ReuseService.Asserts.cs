using StatefulDeploy.Harness;
using StatefulDeploy.Load;
using StatefulDeploy.Load.Redis;
using StatefulDeploy.Upgrade.Tests.Stage;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Upgrade.Tests.Fleet;

/// <summary>What must be so after an upgrade, or after one that was taken back.</summary>
internal sealed partial class ReuseService
{
    private static readonly LedgerOptions Load = new() { Writers = 4, Readers = 2, WritesPerSecond = 200, ReadsPerSecond = 200, Timeout = TimeSpan.FromSeconds(40) };

    /// <summary>The arguments of the upgrade.</summary>
    public static string[] Upgrade { get; } = ["upgrade", File, "--strategy", "volume-reuse", "--yes", "--verbose"];

    /// <summary>The arguments that take it back.</summary>
    public static string[] Undo { get; } = ["undo", File, "--yes", "--verbose"];

    /// <summary>Starts it all, under load.</summary>
    public static async Task<(ReuseService Service, Ledger Ledger)> StartLoadedAsync(TestBed bed, ReuseShape? shape = null)
    {
        var service = await StartAsync(bed, shape);
        var ledger = await bed.StartLedgerAsync(service.Router, Load);
        await ledger.WaitForWritesAsync(200, Patience);
        return (service, ledger);
    }

    /// <summary>Runs a command of the product on the operator's machine to its end.</summary>
    public async Task<CommandOutcome> RunAsync(params string[] arguments)
    {
        var process = Start("statefuldeploy", [], arguments);
        var code = await process.WaitForExitAsync(Patience);
        return new CommandOutcome(code, process.Output);
    }

    /// <summary>Runs an upgrade whose process kills itself at a moment of a step, or of what that does to a node.</summary>
    public async Task KillAtAsync(string step, string? node, string moment)
    {
        var fault = new FaultOrder { At = (Enum.Parse<StepName>(step), Enum.Parse<FaultMoment>(moment)), Node = node, Do = "Kill" };
        await StartWith(fault, Upgrade).Process.WaitForExitAsync(Patience);
    }

    /// <summary>Each disk is mounted on this machine and on no other, by the disks' numbers.</summary>
    public async Task AssertMountedAsync(params string[] machines)
    {
        for (var node = 1; node <= machines.Length; node++)
        {
            Assert.Equal([machines[node - 1]], await MountedOnAsync(node));
        }
    }

    /// <summary>Every volume is green's, and green's writer has both replicas.</summary>
    public async Task AssertUpgradedAsync()
    {
        await AssertMountedAsync("green-1", "green-2", "green-3");
        Assert.Contains("connected_slaves:2", await GreenInfoAsync(2), StringComparison.Ordinal);
        Assert.Contains("redis_version:8.0", await GreenInfoAsync(1), StringComparison.Ordinal);
    }

    /// <summary>Every old server runs on its own disk, and nothing of green is left.</summary>
    public async Task AssertBackAsync()
    {
        await AssertMountedAsync("blue-1", "blue-2", "blue-3");
        for (var node = 1; node <= 3; node++)
        {
            Assert.Contains("redis_version:7.0", await BlueInfoAsync(node), StringComparison.Ordinal);
            Assert.Equal(1, (await Green(node).TryRunAsync("test", "-e", $"/srv/new-{node}")).ExitCode);
        }

        Assert.Contains("connected_slaves:2", await BlueInfoAsync(1), StringComparison.Ordinal);
    }

    /// <summary>No client saw anything, and everything acknowledged is where it belongs.</summary>
    public static async Task AssertFlawlessAsync(Ledger ledger, params RedisLedgerEndpoint[] endpoints)
    {
        await ledger.StopAsync();
        var totals = ledger.Totals();
        var told = $"{totals}\n{string.Join("; ", totals.Examples)}";
        Assert.True(totals.Acknowledged > 400, told);
        Assert.True(totals.FailedWrites + totals.Indeterminate + totals.FailedReads + totals.MissingReads + totals.StaleReads + totals.WrongReads + totals.CounterAnomalies == 0, told);
        Assert.True(totals.DroppedConnections + totals.Timeouts + totals.FailedConnects == 0, told);
        foreach (var endpoint in endpoints)
        {
            var verdict = await ledger.VerifyAsync(endpoint);
            Assert.True(verdict.Clean, $"{verdict}\n{string.Join("; ", verdict.Examples)}");
        }
    }
}
