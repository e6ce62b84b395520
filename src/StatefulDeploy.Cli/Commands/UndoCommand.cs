using System.CommandLine;
using StatefulDeploy.Cli.Output;

namespace StatefulDeploy.Cli.Commands;

/// <summary><c>undo</c>: takes an upgrade back.</summary>
internal static class UndoCommand
{
    public static Command Create(CliServices services)
    {
        var yes = new Option<bool>("--yes", "-y") { Description = "Confirm beforehand." };
        var command = new Command("undo", "Take an upgrade back: before the switch green is removed, after it traffic goes back to blue without loss.") { yes };
        var options = new ServiceOptions().AddService(command, required: false).AddUpgrade(command);
        return CommandRun.Bind(command, services, async (run, cancellationToken) =>
        {
            var request = options.Read(run.Parsed);
            run.Confirm(run.Parsed.GetValue(yes), $"Take the upgrade {request.UpgradeId ?? $"of the service in {request.Path}"} back?");
            request = request with { Consent = request.Consent with { Switch = true } };
            var cluster = await run.ShowAsync("undo", reporter => run.Operations.UndoAsync(request, reporter, cancellationToken));
            run.Print(cluster, ClusterText.Write);
            return ExitCode.Success;
        });
    }
}
