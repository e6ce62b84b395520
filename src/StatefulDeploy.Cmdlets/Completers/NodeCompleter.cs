using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using StatefulDeploy.Cmdlets.Loading;

namespace StatefulDeploy.Cmdlets.Completers;

/// <summary>Completes names of nodes of the service file given on the same command line.</summary>
public sealed class NodeCompleter : IArgumentCompleter
{
    /// <inheritdoc />
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Of(wordToComplete, Completion.Try(() => NamesOf(TypedServiceFile.Find(commandAst, fakeBoundParameters))) ?? []);

    private static List<(string Text, string Explanation)> NamesOf(string? file)
    {
        if (file is null)
        {
            return [];
        }

        var service = Product.Platform.ReadService(file);
        return service.Blue.Nodes.Concat(service.Green.Shards.SelectMany(shard => shard.Nodes))
            .Select(node => (node.Name, $"{node.Role} at {node.Endpoint} on host {node.Host}"))
            .ToList();
    }
}
