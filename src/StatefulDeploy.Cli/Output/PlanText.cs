using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cli.Output;

/// <summary>A plan for people.</summary>
internal static class PlanText
{
    public static void Write(TextWriter output, UpgradePlan plan)
    {
        output.WriteLine($"{plan.Service}: {plan.Engine} {plan.Version} -> {plan.TargetVersion}, {plan.Strategy}");
        WriteCost(output, plan);
        WriteSteps(output, plan);
        foreach (var shard in plan.Shards)
        {
            output.WriteLine($"Shard {shard.Shard}, named by {shard.Path}");
            WriteCost(output, shard);
            WriteSteps(output, shard);
        }

        WriteFindings(output, plan.Findings);
        output.WriteLine();
        output.WriteLine(plan.Passed ? "Nothing refuses this upgrade." : "This upgrade is refused; nothing was touched.");
    }

    private static void WriteCost(TextWriter output, UpgradePlan plan)
    {
        output.WriteLine($"  data           {Quantity.Text(plan.DataBytes)}{(plan.Shards.Count == 0 ? string.Empty : $", of which {Quantity.Text(plan.ExtraBytes)} is there twice at the peak")}");
        output.WriteLine(plan.Shards.Count == 0
            ? $"  extra nodes    {plan.ExtraNodes} while it runs: {string.Join(", ", plan.Green.Nodes)}"
            : $"  extra nodes    {plan.ExtraNodes} of {plan.Green.Nodes.Count()} at the peak, {plan.ShardsAtOnce} of {plan.Shards.Count} shards at a time");
        if (plan.Volumes.Count > 0)
            output.WriteLine($"  volumes        0 extra disks, {plan.ExtraMachines} extra machine(s)");
        foreach (var volume in plan.Volumes)
            output.WriteLine($"    {volume.Volume}: {volume.From} on {volume.FromHost} -> {volume.To} on {volume.ToHost}, in step {volume.Step}");
        var gap = plan.Findings.Any(finding => finding.Code is "PlannedOutage" or "OutageNotAllowed") ? "outage   " : "write gap";
        output.WriteLine($"  {gap}      {(plan.Shards.Count == 0 ? string.Empty : $"{plan.Gaps} for each shard, ")}about {Quantity.Text(plan.ExpectedGap)}");
        output.WriteLine($"  clients        {Promise(plan.Router)}");
        output.WriteLine($"  way back       {plan.WayBack.Kind}: {plan.WayBack.Explanation}");
        output.WriteLine();
    }

    private static void WriteSteps(TextWriter output, UpgradePlan plan)
    {
        foreach (var step in plan.Steps)
            WriteStep(output, step);
        if (plan.Steps.Count > 0 && plan.Shard is not null)
            output.WriteLine();
    }

    private static void WriteStep(TextWriter output, PlannedStep step)
    {
        var closed = step.WritesClosed ? "  [writes closed]" : string.Empty;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {step.Number,2} {step.Name,-10} {step.Change}{closed}"));
        if (step.Undo.Length > 0)
            output.WriteLine($"                undo: {step.Undo}");
    }

    private static void WriteFindings(TextWriter output, IReadOnlyList<Finding> findings)
    {
        if (findings.Count > 0)
            output.WriteLine();
        foreach (var finding in findings.OrderByDescending(finding => finding.Severity))
        {
            output.WriteLine($"  {finding.Severity.ToString().ToLowerInvariant()}: {finding.Subject}: {finding.Message} ({finding.Code})");
            if (finding.Remedy.Length > 0)
                output.WriteLine($"    what to do: {finding.Remedy}");
        }
    }

    private static string Promise(RouterPromise promise)
    {
        var connections = promise.KeepsConnections ? "connections stay" : "connections are dropped";
        var reads = promise.ReadsGoOn ? "reads go on" : "reads wait";
        var writes = promise.HoldsWrites ? "writes wait" : "writes fail";
        return $"{connections}, {reads}, {writes}{(promise.Note.Length > 0 ? $"; {promise.Note}" : string.Empty)}";
    }
}
