using System.CommandLine;
using StatefulDeploy.Cli.Output;

namespace StatefulDeploy.Cli.Commands;

/// <summary><c>stop</c>: asks a running upgrade to stop where nothing is closed.</summary>
internal static class StopCommand
{
    public static Command Create(CliServices services)
    {
        var command = new Command("stop", "Ask a running upgrade, in whatever process, to stop at the next step where nothing is closed.");
        var options = new ServiceOptions().AddService(command, required: false).AddUpgrade(command);
        return CommandRun.Bind(command, services, async (run, cancellationToken) =>
        {
            var request = options.Read(run.Parsed);
            var summary = await run.ShowAsync("stop", reporter => run.Operations.StopAsync(request, reporter, cancellationToken));
            run.Print(summary, SummaryText.Write);
            return ExitCode.Success;
        });
    }
}
