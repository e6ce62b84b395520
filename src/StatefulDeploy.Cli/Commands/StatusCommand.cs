using System.CommandLine;
using StatefulDeploy.Cli.Output;

namespace StatefulDeploy.Cli.Commands;

/// <summary><c>status</c>: the upgrades that journals tell of.</summary>
internal static class StatusCommand
{
    public static Command Create(CliServices services)
    {
        var command = new Command("status", "List upgrades, newest first: how far they came and whether somebody works on them.");
        var options = new ServiceOptions().AddService(command, required: false).AddUpgrade(command);
        return CommandRun.Bind(command, services, async (run, cancellationToken) =>
        {
            var upgrades = await run.Operations.ListUpgradesAsync(options.Read(run.Parsed), cancellationToken);
            run.Print(upgrades, SummaryText.WriteAll);
            return ExitCode.Success;
        });
    }
}
