using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cli.Output;

/// <summary>Upgrades for people.</summary>
internal static class SummaryText
{
    public static void WriteAll(TextWriter output, IReadOnlyList<UpgradeSummary> upgrades)
    {
        if (upgrades.Count == 0)
            output.WriteLine("There is no upgrade.");
        foreach (var upgrade in upgrades)
            Write(output, upgrade);
    }

    public static void Write(TextWriter output, UpgradeSummary upgrade)
    {
        output.WriteLine($"{upgrade.UpgradeId}  {upgrade.Status}  {upgrade.Service}: {upgrade.Engine} {upgrade.Version} -> {upgrade.TargetVersion}, {upgrade.State}");
        output.WriteLine($"  last step      {upgrade.Step}, {upgrade.UpdatedAt.LocalDateTime:yyyy-MM-dd HH:mm:ss}");
        ShardText.Write(output, upgrade.Shards);
        if (upgrade.ClosedFor is { } closed)
            output.WriteLine($"  writes closed  {Quantity.Text(closed)}");
        if (upgrade.Message.Length > 0)
            output.WriteLine($"  message        {upgrade.Message}");
        if (upgrade.Report.Length > 0)
            output.WriteLine($"  report         {upgrade.Report}");
    }
}
