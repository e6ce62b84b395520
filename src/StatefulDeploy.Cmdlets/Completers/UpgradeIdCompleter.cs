using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace StatefulDeploy.Cmdlets.Completers;

/// <summary>Completes ids of upgrades, newest first.</summary>
public sealed class UpgradeIdCompleter : IArgumentCompleter
{
    /// <inheritdoc />
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Of(
            wordToComplete,
            Completion.Upgrades(fakeBoundParameters).Select(upgrade =>
                (upgrade.UpgradeId, $"{upgrade.Service} {upgrade.Version} to {upgrade.TargetVersion}: {upgrade.Status}, {upgrade.State}, begun {upgrade.StartedAt:yyyy-MM-dd HH:mm}")));
}
