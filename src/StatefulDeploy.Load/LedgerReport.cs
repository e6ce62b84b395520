using System.Globalization;

namespace StatefulDeploy.Load;

/// <summary>The whole outcome of a ledger.</summary>
/// <param name="Totals">What the clients saw.</param>
/// <param name="Verdict">What was found afterwards.</param>
/// <param name="WriteGap">The longest times without an acknowledged write, over the marked interval.</param>
/// <param name="ReadGap">The longest times without a right read, over the marked interval.</param>
public sealed record LedgerReport(LedgerTotals Totals, LedgerVerdict Verdict, GapSummary WriteGap, GapSummary ReadGap)
{
    /// <summary>Whether nothing acknowledged was lost, duplicated or misread.</summary>
    public bool Clean => Totals.Consistent && Verdict.Clean;

    /// <summary>The figures in one line, and each finding in one more.</summary>
    public override string ToString()
    {
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"acked {Totals.Acknowledged}, lost {Verdict.Lost}, duplicated {Verdict.Duplicated}, phantoms {Verdict.Phantoms}, torn {Verdict.Torn}, reordered {Verdict.Reordered}, damaged {Verdict.Damaged}, " +
            $"indeterminate {Totals.Indeterminate}, failed writes {Totals.FailedWrites}, reads {Totals.Reads}, failed {Totals.FailedReads}, missing {Totals.MissingReads}, stale {Totals.StaleReads}, wrong {Totals.WrongReads}, " +
            $"counter anomalies {Totals.CounterAnomalies}, drops {Totals.DroppedConnections}, timeouts {Totals.Timeouts}, reconnects {Totals.Reconnects}, failed connects {Totals.FailedConnects}, " +
            $"write gap {WriteGap.P50:0.#}/{WriteGap.P99:0.#}/{WriteGap.Max:0.#} ms, read gap {ReadGap.P50:0.#}/{ReadGap.P99:0.#}/{ReadGap.Max:0.#} ms");
        return string.Join(Environment.NewLine, [line, .. Totals.Examples, .. Verdict.Examples]);
    }
}
