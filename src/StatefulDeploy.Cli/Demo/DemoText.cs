using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;
using StatefulDeploy.Load;

namespace StatefulDeploy.Cli.Demo;

/// <summary>A demo's figures for people.</summary>
internal static class DemoText
{
    /// <summary>What the clients see while it runs.</summary>
    public static IRenderable Live(LedgerTotals totals)
    {
        var failed = totals.FailedWrites + totals.FailedReads + totals.MissingReads + totals.StaleReads + totals.WrongReads + totals.DroppedConnections;
        return new Markup(string.Create(CultureInfo.InvariantCulture, $"\n[bold]clients[/]  {totals.Acknowledged:N0} writes acknowledged  {totals.Reads:N0} reads  [{(failed == 0 ? "green" : "red")}]{failed:N0} failed[/]"));
    }

    public static void Write(TextWriter output, DemoResult result)
    {
        void Line(string name, FormattableString value) => output.WriteLine($"  {name,-22} {value.ToString(CultureInfo.InvariantCulture)}");

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Engine} {result.From} -> {result.To} under load: {(result.Shards > 1 ? $"{result.Shards} shards, " : string.Empty)}{result.Clients} writers, {result.Keys:N0} keys beside them"));
        Line("acknowledged writes", $"{result.Acked:N0}");
        Line("lost", $"{result.Lost:N0}");
        Line("applied twice", $"{result.Duplicated:N0}");
        Line("failed writes", $"{result.FailedWrites:N0}{(result.Indeterminate > 0 ? $", {result.Indeterminate} without an answer" : string.Empty)}");
        Line("failed reads", $"{result.FailedReads:N0} of {result.Reads:N0}");
        Line("dropped connections", $"{result.DroppedConnections:N0}");
        Line("longest write gap", $"{result.GapMs:0.0} ms (without a switch: {result.NoiseGapMs:0.0} ms)");
        Line("longest read gap", $"{result.ReadGapMs:0.0} ms");
        if (result.ClosedMs is { } closed)
            Line("writes were closed", $"{closed:0.0} ms");
        if (result.UndoGapMs is { } undo)
            Line("gap of the way back", $"{undo:0.0} ms");
        Line("report", $"{result.Report}");
        foreach (var finding in result.Findings)
            output.WriteLine($"  found: {finding}");
        output.WriteLine(result.Passed ? "Nothing was lost, nothing failed." : "Something was lost or failed: see above.");
    }
}
