using StatefulDeploy.Cli;
using StatefulDeploy.Composition;

namespace StatefulDeploy.Upgrade.Tests.Cli;

/// <summary>One run of the command line in this process.</summary>
internal sealed record CommandLine(int ExitCode, string Out, string Error, FakeOperations Operations)
{
    public static async Task<CommandLine> RunAsync(FakeOperations operations, string? input, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var console = new CliConsole { Out = output, Error = error, In = input is null ? null : new StringReader(input) };
        await using var services = new CliServices(Platform.Create, _ => operations, console);
        var code = await CommandLineProgram.RunAsync(arguments, services);
        return new CommandLine(code, output.ToString(), error.ToString(), operations);
    }

    public static Task<CommandLine> RunAsync(params string[] arguments) => RunAsync(new FakeOperations(), input: null, arguments);
}
