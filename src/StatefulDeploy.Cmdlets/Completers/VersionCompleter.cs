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
        Completion.Of(wordToComplete, Completion.Try(() => VersionsOf(TypedServiceFile.Find(commandAst, fakeBoundParameters))) ?? []);

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
}
