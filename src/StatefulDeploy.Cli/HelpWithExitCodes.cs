using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace StatefulDeploy.Cli;

/// <summary>The usual help, and below it what the exit codes mean.</summary>
internal sealed class HelpWithExitCodes(HelpAction usual) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        var result = usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Exit codes:");
        foreach (var (code, meaning) in ExitCode.Table)
            output.WriteLine($"  {code,3}  {meaning}");
        return result;
    }
}
