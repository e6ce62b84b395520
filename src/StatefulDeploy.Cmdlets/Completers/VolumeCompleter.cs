using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using StatefulDeploy.Cmdlets.Loading;

namespace StatefulDeploy.Cmdlets.Completers;

/// <summary>Completes names of volumes of the service file given on the same command line.</summary>
public sealed class VolumeCompleter : IArgumentCompleter
{
    /// <inheritdoc />
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Of(wordToComplete, Completion.Try(() => NamesOf(TypedServiceFile.Find(commandAst, fakeBoundParameters))) ?? []);

    private static List<(string Text, string Explanation)> NamesOf(string? file) => file is null
        ? []
        : Product.Platform.ReadService(file).Volumes.Select(volume => (volume.Name, $"{volume.FileSystem} {volume.Uuid} of {volume.Node}")).ToList();
}
