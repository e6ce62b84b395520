using System.CommandLine;
using StatefulDeploy.Cli.Output;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cli.Commands;

/// <summary><c>plan</c>: what an upgrade would do; touches nothing.</summary>
internal static class PlanCommand
{
    public static Command Create(CliServices services)
    {
        var command = new Command("plan", "Show every step, what it changes, capacity, expected gap and findings. Touches nothing.");
        var options = new ServiceOptions().AddService(command, required: true).AddOverrides(command);
        return CommandRun.Bind(command, services, async (run, cancellationToken) =>
        {
            var request = options.Read(run.Parsed);
            var plan = await run.ShowAsync("plan", reporter => run.Operations.PlanAsync(request, reporter, cancellationToken));
            run.Print(plan, PlanText.Write);
            return plan.Passed ? ExitCode.Success : ExitCode.Of(FailureCategory.Refused);
        });
    }
}
