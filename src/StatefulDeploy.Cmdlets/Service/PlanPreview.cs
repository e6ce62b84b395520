using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Service;

/// <summary>The lines of a plan that <c>-WhatIf</c> shows for one stretch of the workflow.</summary>
internal static class PlanPreview
{
    public static IEnumerable<string> Of(UpgradePlan plan, UpgradeStretch stretch)
    {
        foreach (var step in plan.Steps.Where(step => Covers(stretch, step.Number)))
        {
            yield return $"Step {step.Number}, {step.Name}: {step.Change}{(step.WritesClosed ? " (writes closed)" : "")}";
        }

        if (stretch is UpgradeStretch.Everything or UpgradeStretch.CloseWrites or UpgradeStretch.Switch)
        {
            yield return $"Writers wait {Milliseconds(plan.ExpectedGap)} ms at the switch, by the router's promise. {WayBackOf(plan)}";
        }
        else if (stretch == UpgradeStretch.SwitchBack)
        {
            yield return $"Steps 9 to 16 in the other direction. {WayBackOf(plan)}";
        }

        foreach (var finding in plan.Findings.Where(finding => finding.Severity != FindingSeverity.Info))
        {
            yield return $"{(finding.Severity == FindingSeverity.Refuse ? "It would be refused" : "Risk")} ({finding.Code}, {finding.Subject}): {finding.Message} {finding.Remedy}";
        }
    }

    private static bool Covers(UpgradeStretch stretch, int step) => stretch switch
    {
        UpgradeStretch.NewGreen => step is >= 1 and <= 4,
        UpgradeStretch.StartReplication => step == 5,
        UpgradeStretch.WaitReplication => step == 6,
        UpgradeStretch.Verify => step is 7 or 8,
        UpgradeStretch.CloseWrites => step == 9,
        UpgradeStretch.Switch => step is >= 9 and <= 16,
        UpgradeStretch.Retire => step is 17 or 18,
        UpgradeStretch.Everything => true,
        _ => false,
    };

    private static string WayBackOf(UpgradePlan plan) =>
        plan.WayBack.Exists ? $"The way back: {plan.WayBack.Kind}. {plan.WayBack.Explanation}" : $"There is no way back. {plan.WayBack.Explanation}";

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0.#", System.Globalization.CultureInfo.InvariantCulture);
}
