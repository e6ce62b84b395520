using StatefulDeploy.Harness;
using StatefulDeploy.Load;

namespace StatefulDeploy.Upgrade.Tests.Fleet;

/// <summary>The clients of a service on a fleet, and what they must have seen.</summary>
internal static class FleetLedger
{
    public static readonly LedgerOptions Load = new() { Writers = 4, Readers = 2, WritesPerSecond = 200, ReadsPerSecond = 200, Timeout = TimeSpan.FromSeconds(40) };

    public static async Task<(FleetService Service, Ledger Ledger)> StartAsync(TestBed bed, bool writerElsewhere = false)
    {
        var service = await FleetService.StartAsync(bed, writerElsewhere);
        var ledger = await bed.StartLedgerAsync(service.Router, Load);
        await ledger.WaitForWritesAsync(200, FleetService.Patience);
        return (service, ledger);
    }

    /// <summary>No request failed, no connection was dropped, and all that was acknowledged is there.</summary>
    public static async Task AssertFlawlessAsync(Ledger ledger, params ILedgerEndpoint[] endpoints)
    {
        await AssertNothingLostAsync(ledger, endpoints);
        var totals = ledger.Totals();
        var told = $"{totals}\n{string.Join("; ", totals.Examples)}";
        Assert.True(totals.FailedWrites + totals.Indeterminate + totals.FailedReads == 0, told);
        Assert.True(totals.DroppedConnections + totals.Timeouts + totals.FailedConnects == 0, told);
    }

    /// <summary>Requests may have failed, as those do that a cable was pulled under; all that was acknowledged is there, and nothing else.</summary>
    public static async Task AssertNothingLostAsync(Ledger ledger, params ILedgerEndpoint[] endpoints)
    {
        await ledger.StopAsync();
        var totals = ledger.Totals();
        var told = $"{totals}\n{string.Join("; ", totals.Examples)}";
        Assert.True(totals.Acknowledged > 400, told);
        Assert.True(totals.MissingReads + totals.StaleReads + totals.WrongReads + totals.CounterAnomalies == 0, told);
        foreach (var endpoint in endpoints)
        {
            var verdict = await ledger.VerifyAsync(endpoint);
            Assert.True(verdict.Clean, $"{verdict}\n{string.Join("; ", verdict.Examples)}");
        }
    }
}
