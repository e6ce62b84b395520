using StatefulDeploy.Load;

namespace StatefulDeploy.Harness.Tests;

/// <summary>A ledger whose writers have done all they were given.</summary>
internal static class Filled
{
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    /// <summary>Fills, lets something be done to the service behind the ledger's back, and reports.</summary>
    public static async Task<LedgerReport> ByAsync(TestBed bed, ILedgerEndpoint endpoint, LedgerOptions options, Func<Task>? tamper = null)
    {
        var ledger = await bed.StartLedgerAsync(endpoint, options);
        var begun = ledger.Now;
        await ledger.WaitForQuotaAsync().WaitAsync(Soon);
        await ledger.StopAsync();
        await (tamper?.Invoke() ?? Task.CompletedTask);
        return await ledger.ReportAsync(endpoint, new LedgerInterval(begun, ledger.Now));
    }
}
