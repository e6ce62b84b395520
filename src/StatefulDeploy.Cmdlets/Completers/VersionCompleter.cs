using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using StatefulDeploy.Cmdlets.Loading;

namespace StatefulDeploy.Cmdlets.Completers;

/// <summary>Completes versions: those for which the service file given on the same command line names software.</summary>
public sealed class VersionCompleter : IArgumentCompleter
{
    /// <inheritdoc />
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Of(wordToComplete, Completion.Try(() => VersionsOf(FileOf(commandAst, fakeBoundParameters))) ?? []);

    private static List<(string Text, string Explanation)> VersionsOf(string? file)
    {
        if (file is null)
        {
            return [];
        }

        var service = Product.Platform.ReadService(file);
        var described = service.Green.Version is { } version ? new[] { version } : [];
        return described.Concat(service.Software.Keys)
            .Where(version => version != service.Blue.Version)
            .Select(version => (version, $"{service.Engine} {version}"))
            .ToList();
    }

    /// <summary>The file given to this command, or to the first one of its pipeline.</summary>
    private static string? FileOf(CommandAst command, IDictionary bound)
    {
        var typed = bound["Path"] as string ?? (command.Parent as PipelineAst)?.PipelineElements
            .OfType<CommandAst>()
            .SelectMany(element => element.CommandElements.Skip(1).OfType<StringConstantExpressionAst>())
            .Select(word => word.Value)
            .FirstOrDefault(word => word.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || word.EndsWith(".yml", StringComparison.OrdinalIgnoreCase));
        if (typed is null)
        {
            return null;
        }

        using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        return shell.AddCommand("Microsoft.PowerShell.Management\\Convert-Path").AddParameter("LiteralPath", typed).Invoke<string>().FirstOrDefault();
    }
}
