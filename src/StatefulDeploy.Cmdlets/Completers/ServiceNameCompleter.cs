using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace StatefulDeploy.Cmdlets.Completers;

/// <summary>Completes names of services that were upgraded before.</summary>
public sealed class ServiceNameCompleter : IArgumentCompleter
{
    /// <inheritdoc />
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Of(
            wordToComplete,
            Completion.Upgrades(fakeBoundParameters).Select(upgrade => (upgrade.Service, $"{upgrade.Engine}, {upgrade.Path}")));
}
