using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace StatefulDeploy.Cmdlets.Completers;

/// <summary>Completes service files: YAML files and folders as they are typed, and the files of services that were upgraded before.</summary>
public sealed class ServiceFileCompleter : IArgumentCompleter
{
    /// <inheritdoc />
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var files = Completion.Try(() => CompletionCompleters.CompleteFilename(wordToComplete).Where(IsServiceFile).ToList()) ?? [];
        var known = Completion.Of(
            wordToComplete,
            Completion.Upgrades(fakeBoundParameters).Where(upgrade => upgrade.Path.Length > 0).Select(upgrade => (upgrade.Path, $"{upgrade.Service}: upgraded {upgrade.StartedAt:yyyy-MM-dd}")));
        return files.Concat(known).DistinctBy(result => result.CompletionText);
    }

    private static bool IsServiceFile(CompletionResult file) =>
        file.ResultType == CompletionResultType.ProviderContainer
        || file.ListItemText.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase)
        || file.ListItemText.EndsWith(".yml", StringComparison.OrdinalIgnoreCase);
}
