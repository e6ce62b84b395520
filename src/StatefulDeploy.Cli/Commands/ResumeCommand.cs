using System.CommandLine;
using StatefulDeploy.Cli.Output;

namespace StatefulDeploy.Cli.Commands;

/// <summary><c>resume</c>: goes on with an upgrade that stopped.</summary>
internal static class ResumeCommand
{
    public static Command Create(CliServices services)
    {
        var command = new Command("resume", "Go on with an upgrade that stopped: probes what is, then acts.");
        var options = new ServiceOptions().AddService(command, required: false).AddUpgrade(command).AddOverrides(command);
        return CommandRun.Bind(command, services, async (run, cancellationToken) =>
        {
            var request = options.Read(run.Parsed);
            var cluster = await run.ShowAsync("resume", reporter => run.Operations.ResumeAsync(request, reporter, cancellationToken));
            run.Print(cluster, ClusterText.Write);
            return ExitCode.Success;
        });
    }
}
