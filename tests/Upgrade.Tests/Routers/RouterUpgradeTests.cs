using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using StatefulDeploy.Upgrade.Tests.Stage;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.Routers;

/// <summary>Upgrades of a PostgreSQL under load through each kind of router: each keeps what its promise says, and none loses a write.</summary>
public sealed class RouterUpgradeTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    private static readonly ServiceShape Shape = new() { From = "postgresql-15", To = "postgresql-17", WindowDeadline = TimeSpan.FromSeconds(20) };

    [ServerFact("postgresql-15", "postgresql-17", "pgbouncer")]
    public async Task Clients_of_two_PgBouncers_notice_nothing_there_and_back_and_their_passwords_stay()
    {
        await using var bed = new TestBed(output);
        var (service, ledger) = await StartAsync(bed, PostgresRouting.TwoPgBouncers);
        await RunAsync(service, "upgrade", service.File, "--yes", "--through", "switch", "--skip-verification", "the router is what is tested");
        await GoOnAsync(ledger);
        await RunAsync(service, "undo", service.File, "--yes");
        await GoOnAsync(ledger);
        await ledger.StopAsync();
        var totals = ledger.Totals();
        Assert.True(totals.Consistent && totals.FailedWrites + totals.Indeterminate + totals.DroppedConnections + totals.FailedConnects + totals.Timeouts == 0, $"{totals}\n{string.Join("; ", totals.Examples)}");
        await AssertKeptAsync(ledger, service.Blue.Port);
    }

    [ServerFact("postgresql-15", "postgresql-17", "pgbouncer", Full = true)]
    public Task Clients_whose_sessions_are_pooled_connect_again_once_and_lose_nothing() => SwitchAsync(PostgresRouting.Sessions);

    [ServerFact("postgresql-15", "postgresql-17", "haproxy")]
    public Task Clients_of_HAProxy_connect_again_and_lose_nothing() => SwitchAsync(PostgresRouting.HaProxy);

    private async Task SwitchAsync(PostgresRouting routing)
    {
        await using var bed = new TestBed(output);
        var (service, ledger) = await StartAsync(bed, routing);
        Assert.Contains("Clients must connect again", (await RunAsync(service, "plan", service.File)).Output, StringComparison.Ordinal);
        await RunAsync(service, "upgrade", service.File, "--yes", "--through", "switch", "--skip-verification", "the router is what is tested");
        await GoOnAsync(ledger);
        await ledger.StopAsync();
        var totals = ledger.Totals();
        output.WriteLine(totals.ToString());
        Assert.InRange(totals.DroppedConnections, 1, Shape.Load.Writers + Shape.Load.Readers);
        Assert.True(totals.MissingReads + totals.StaleReads + totals.WrongReads + totals.CounterAnomalies == 0, $"{totals}\n{string.Join("; ", totals.Examples)}");
        await AssertKeptAsync(ledger, service.GreenPort);
        await AssertKeptAsync(ledger, service.Routers[0].Port);
    }

    private static async Task<(PostgresService Service, Ledger Ledger)> StartAsync(TestBed bed, PostgresRouting routing)
    {
        var service = await PostgresService.StartAsync(bed, Shape with { Routing = routing });
        var ledger = await bed.StartLedgerAsync(new SpreadEndpoint([.. service.Routers.Select(router => PostgresService.EndpointAt(router.Port))]), Shape.Load);
        await GoOnAsync(ledger);
        return (service, ledger);
    }

    private async Task<CommandOutcome> RunAsync(PostgresService service, params string[] arguments)
    {
        var outcome = await OperatorProcess.RunAsync(service, Patience, arguments);
        output.WriteLine(outcome.Output);
        return outcome.Succeeded();
    }

    private static Task GoOnAsync(Ledger ledger) => ledger.WaitForWritesAsync(60, Patience);

    private static async Task AssertKeptAsync(Ledger ledger, int port)
    {
        var verdict = await ledger.VerifyAsync(PostgresService.EndpointAt(port));
        Assert.True(verdict.Clean, $"{verdict}\n{string.Join("; ", verdict.Examples)}");
    }
}
