using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Upgrade.Tests.Stage;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.EndToEnd;

/// <summary>The whole upgrade of a PostgreSQL whose green begins as a base backup, under load.</summary>
public sealed class PhysicalCopyUpgradeTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(300);

    private static readonly ServiceShape Shape = new()
    {
        From = "postgresql-15",
        To = "postgresql-17",
        WindowDeadline = TimeSpan.FromSeconds(20),
        CatchUpDeadline = Patience,
        Answer = TimeSpan.FromSeconds(30),
        HoldLimit = TimeSpan.FromSeconds(30),
        EngineSettings = new Dictionary<string, string>(StringComparer.Ordinal) { ["initialCopy"] = "physical" },
    };

    [ServerFact("postgresql-15", "postgresql-17", "pgbouncer")]
    public async Task Green_of_a_base_backup_takes_over_and_clients_notice_nothing()
    {
        await using var bed = new TestBed(output);
        var service = await PostgresService.StartAsync(bed, Shape);
        var ledger = await bed.StartLedgerAsync(service.Router, Shape.Load);
        await ledger.WaitForWritesAsync(60, Patience);
        Assert.Contains("filled by a base backup", (await RunAsync(service, "plan", service.File)).Output, StringComparison.Ordinal);

        // With the comparison of all data, and to blue's end.
        await RunAsync(service, "upgrade", service.File, "--yes");
        await ledger.WaitForWritesAsync(60, Patience);
        await ledger.StopAsync();
        var totals = ledger.Totals();
        output.WriteLine(totals.ToString());
        Assert.True(totals.Consistent && totals.FailedWrites + totals.Indeterminate + totals.FailedReads + totals.DroppedConnections + totals.FailedConnects + totals.Timeouts == 0, $"{totals}\n{string.Join("; ", totals.Examples)}");
        var verdict = await ledger.VerifyAsync(PostgresService.EndpointAt(service.GreenPort));
        Assert.True(verdict.Clean, $"{verdict}\n{string.Join("; ", verdict.Examples)}");
        Assert.Empty(Directory.GetDirectories(service.GreenFolder, "*.physical"));
    }

    private async Task<CommandOutcome> RunAsync(PostgresService service, params string[] arguments)
    {
        var outcome = await OperatorProcess.RunAsync(service, Patience, arguments);
        output.WriteLine(outcome.Output);
        return outcome.Succeeded();
    }
}
