using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using StatefulDeploy.Cmdlets.Loading;

namespace StatefulDeploy.Cmdlets.Completers;

/// <summary>Completes names of engines.</summary>
public sealed class EngineCompleter : IArgumentCompleter
{
    /// <inheritdoc />
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Of(
            wordToComplete,
            Completion.Try(() => Product.Platform.Engines.Select(engine => (engine.Name, engine.DisplayName)).ToList()) ?? []);
}
