using System.Globalization;
using System.Text;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cmdlets.Display;

/// <summary>A plan as a page of text: what it costs, every step, and what was found.</summary>
public static class PlanPage
{
    private const int Width = 98;
    private const int StepIndent = 20;

    /// <summary>The page.</summary>
    public static string Of(UpgradePlan plan)
    {
        var page = new StringBuilder();
        page.AppendLine($"{plan.Service}: {plan.Engine} {plan.Version} to {plan.TargetVersion} by {plan.Strategy}").AppendLine();
        AppendCost(page, plan);
        AppendSteps(page, plan);
        foreach (var shard in plan.Shards)
        {
            page.AppendLine().AppendLine($"Shard {shard.Shard}").AppendLine();
            AppendCost(page, shard);
            AppendSteps(page, shard);
        }

        if (plan.Findings.Count > 0)
        {
            page.AppendLine().AppendLine("Findings");
        }

        foreach (var finding in plan.Findings.OrderByDescending(finding => finding.Severity))
        {
            AppendWrapped(page, $"  {finding.Severity,-8} ", $"{finding.Code} ({finding.Subject}): {finding.Message} {finding.Remedy}".TrimEnd(), 11);
        }

        page.AppendLine().Append(plan.Passed ? "Nothing stands against it." : "It would be refused: nothing would be touched.");
        return page.ToString();
    }

    private static void AppendSteps(StringBuilder page, UpgradePlan plan)
    {
        if (plan.Steps.Count > 0)
        {
            page.AppendLine().AppendLine("Steps (* writes are closed, ! cannot be taken back)");
        }

        foreach (var step in plan.Steps)
        {
            var marks = (step.WritesClosed ? "*" : " ") + (step.Reversible ? " " : "!");
            AppendWrapped(page, string.Create(CultureInfo.InvariantCulture, $"{step.Number,3} {step.Name,-12} {marks} "), step.Change, StepIndent);
        }
    }

    private static void AppendCost(StringBuilder page, UpgradePlan plan)
    {
        var router = plan.Router;
        AppendFact(page, "Green", string.Join(", ", plan.Green.Nodes.Select(node => $"{node.Name} {node.Endpoint}")));
        var (share, gaps) = plan.Shards.Count > 0 ? ($" at the peak, {plan.ShardsAtOnce} of {plan.Shards.Count} shards at a time", $"{plan.Gaps} for each shard, ") : ("", "");
        AppendFact(page, "Extra", $"{plan.ExtraNodes} nodes, {Text.Bytes(plan.ExtraBytes)} of data{share}");
        if (plan.Volumes.Count > 0)
        {
            AppendFact(page, "Volumes", $"0 extra disks, {plan.ExtraMachines} extra machines: {string.Join("; ", plan.Volumes.Select(volume => $"{volume.Volume} from {volume.From} on {volume.FromHost} to {volume.To} on {volume.ToHost} ({volume.Step})"))}");
        }

        AppendFact(page, "Gap", $"{gaps}{Text.Duration(plan.ExpectedGap)} between two acknowledgements of a writer");
        AppendFact(page, "Clients", $"connections {(router.KeepsConnections ? "are kept" : "are dropped")}, reads {(router.ReadsGoOn ? "go on" : "stop")}, writes {(router.HoldsWrites ? "wait" : "fail")}. {router.Note}");
        AppendFact(page, "Way back", plan.WayBack.Exists ? $"{plan.WayBack.Kind}. {plan.WayBack.Explanation}" : $"none. {plan.WayBack.Explanation}");
    }

    private static void AppendFact(StringBuilder page, string name, string value) => AppendWrapped(page, $"  {name,-10}", value, 12);

    private static void AppendWrapped(StringBuilder page, string first, string text, int indent)
    {
        var line = new StringBuilder(first.PadRight(indent));
        var isEmpty = true;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!isEmpty && line.Length + 1 + word.Length > Width)
            {
                page.AppendLine(line.ToString());
                line.Clear().Append(' ', indent);
                isEmpty = true;
            }

            line.Append(isEmpty ? "" : " ").Append(word);
            isEmpty = false;
        }

        page.AppendLine(line.ToString().TrimEnd());
    }
}
