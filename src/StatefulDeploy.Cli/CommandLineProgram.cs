using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using StatefulDeploy.Cli.Commands;

namespace StatefulDeploy.Cli;

/// <summary>The commands for people and scripts.</summary>
internal static class CommandLineProgram
{
    /// <summary>Reads the command line, runs it, and gives the exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments, CliServices services)
    {
        var parsed = CreateRoot(services).Parse(arguments);
        var configuration = new InvocationConfiguration
        {
            Output = services.Console.Out,
            Error = services.Console.Error,
            EnableDefaultExceptionHandler = false,
            // Signals are ours: an undo takes as long as it takes.
            ProcessTerminationTimeout = null,
        };
        if (parsed.Action is not ParseErrorAction)
            return await parsed.InvokeAsync(configuration);

        foreach (var error in parsed.Errors)
            await services.Console.Error.WriteLineAsync(error.Message);
        await services.Console.Error.WriteLineAsync($"See '{parsed.RootCommandResult.Command.Name} {parsed.CommandResult.Command.Name} --help'.");
        return ExitCode.Of(Contracts.FailureCategory.InvalidInput);
    }

    internal static RootCommand CreateRoot(CliServices services)
    {
        var root = new RootCommand("Upgrades live stateful services from one version to another without losing an acknowledged write.");
        root.Add(PlanCommand.Create(services));
        root.Add(UpgradeCommand.Create(services));
        root.Add(StatusCommand.Create(services));
        root.Add(ResumeCommand.Create(services));
        root.Add(UndoCommand.Create(services));
        root.Add(StopCommand.Create(services));
        root.Add(ReportCommand.Create(services));
        root.Add(GatewayCommand.Create(services));
        root.Add(DemoCommand.Create(services));
        foreach (var help in root.Options.OfType<HelpOption>())
            help.Action = new HelpWithExitCodes((HelpAction)help.Action!);
        return root;
    }
}
