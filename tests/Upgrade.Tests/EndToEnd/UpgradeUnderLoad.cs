using StatefulDeploy.Harness;
using StatefulDeploy.Load;
using StatefulDeploy.Upgrade.Tests.Stage;

namespace StatefulDeploy.Upgrade.Tests.EndToEnd;

/// <summary>A service with data of every kind under two loads through its router: one command at a time, and pipelined transactions.</summary>
internal sealed class UpgradeUnderLoad
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    private static readonly LedgerOptions Transactions = new()
    {
        Writers = 2,
        Readers = 1,
        Pipeline = 8,
        Transactions = true,
        Kinds = LedgerWriteKinds.All,
        WritesPerSecond = 80,
        ReadsPerSecond = 80,
        Prefix = "t",
        Timeout = TimeSpan.FromSeconds(40),
    };

    private UpgradeUnderLoad(LiveService service, DataSample sample, IReadOnlyList<Ledger> ledgers)
    {
        Service = service;
        Sample = sample;
        Ledgers = ledgers;
    }

    public LiveService Service { get; }

    public DataSample Sample { get; }

    public IReadOnlyList<Ledger> Ledgers { get; }

    public static async Task<UpgradeUnderLoad> StartAsync(TestBed bed, ServiceShape shape)
    {
        var service = await LiveService.StartAsync(bed, shape);
        await service.StartGatewayAsync();
        var sample = await DataSample.SeedAsync(service);
        return new UpgradeUnderLoad(service, sample, [await bed.StartLedgerAsync(service.Router, shape.Load), await bed.StartLedgerAsync(service.Router, Transactions)]);
    }

    /// <summary>Waits until every load goes on.</summary>
    public Task GoesOnAsync() => Task.WhenAll(Ledgers.Select(ledger => ledger.WaitForWritesAsync(60, Patience)));

    /// <summary>Ends the loads: nothing failed on the way either.</summary>
    public async Task AssertFlawlessAsync(System.Net.IPEndPoint live)
    {
        await AssertNothingLostAsync(live);
        foreach (var totals in Ledgers.Select(ledger => ledger.Totals()))
        {
            var told = string.Join("; ", totals.Examples);
            Assert.True(totals.FailedWrites + totals.Indeterminate + totals.FailedReads == 0, $"{totals}\n{told}");
            Assert.True(totals.DroppedConnections + totals.Timeouts + totals.FailedConnects == 0, $"{totals}\n{told}");
        }
    }

    /// <summary>Ends the loads: nothing was lost, doubled or misread, through the router and on the server that is live.</summary>
    public async Task AssertNothingLostAsync(System.Net.IPEndPoint live)
    {
        foreach (var ledger in Ledgers)
        {
            await ledger.StopAsync();
            var totals = ledger.Totals();
            Assert.True(totals.Acknowledged > 100, totals.ToString());
            Assert.True(totals.MissingReads + totals.StaleReads + totals.WrongReads + totals.CounterAnomalies == 0, $"{totals}\n{string.Join("; ", totals.Examples)}");
            foreach (var endpoint in new[] { Service.Router, Service.EndpointAt(live) })
            {
                var verdict = await ledger.VerifyAsync(endpoint);
                Assert.True(verdict.Clean, $"{verdict}\n{string.Join("; ", verdict.Examples)}");
            }
        }
    }
}
