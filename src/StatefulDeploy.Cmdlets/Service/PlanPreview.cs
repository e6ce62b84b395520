using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Service;

/// <summary>The lines of a plan that <c>-WhatIf</c> shows for one stretch of the workflow.</summary>
internal static class PlanPreview
{
    public static IEnumerable<string> Of(UpgradePlan plan, UpgradeStretch stretch)
    {
        foreach (var part in plan.Shards.Count > 0 ? plan.Shards : [plan])
        {
            var row = part.Shard is null ? "Step" : $"Shard {part.Shard}, step";
            foreach (var step in Forward(part, stretch))
            {
                yield return $"{row} {step.Number}, {step.Name}: {step.Change}{(step.WritesClosed ? " (writes closed)" : "")}";
            }
        }

        if (plan.Shards.Count > 0)
        {
            yield return $"{plan.ShardsAtOnce} of {plan.Shards.Count} shards at a time; {plan.ExtraNodes} extra node(s) at the peak.";
        }

        if (stretch is UpgradeStretch.Everything or UpgradeStretch.CloseWrites or UpgradeStretch.Switch)
        {
            yield return $"Writers wait {Milliseconds(plan.ExpectedGap)} ms at the switch, by the router's promise. {WayBackOf(plan)}";
        }
        else if (stretch == UpgradeStretch.SwitchBack)
        {
            yield return $"The switch in the other direction. {WayBackOf(plan)}";
        }

        foreach (var finding in plan.Findings.Where(finding => finding.Severity != FindingSeverity.Info))
        {
            yield return $"{(finding.Severity == FindingSeverity.Refuse ? "It would be refused" : "Risk")} ({finding.Code}, {finding.Subject}): {finding.Message} {finding.Remedy}";
        }
    }

    // The plan tells of the way to green; on the way back its sentences would be wrong.
    private static IEnumerable<PlannedStep> Forward(UpgradePlan plan, UpgradeStretch stretch) => stretch == UpgradeStretch.SwitchBack ? [] : plan.StepsOf(stretch);

    private static string WayBackOf(UpgradePlan plan) =>
        plan.WayBack.Exists ? $"The way back: {plan.WayBack.Kind}. {plan.WayBack.Explanation}" : $"There is no way back. {plan.WayBack.Explanation}";

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0.#", System.Globalization.CultureInfo.InvariantCulture);
}
