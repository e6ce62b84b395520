using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using StatefulDeploy.Cmdlets.Bridge;
using StatefulDeploy.Cmdlets.Loading;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Completers;

/// <summary>Completes ids of snapshots of the service file given on the same command line, newest first; none when its hosts do not tell in time.</summary>
public sealed class SnapshotIdCompleter : IArgumentCompleter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <inheritdoc />
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Of(wordToComplete, Completion.Try(() => IdsOf(TypedServiceFile.Find(commandAst, fakeBoundParameters))) ?? []);

    private static List<(string Text, string Explanation)> IdsOf(string? file)
    {
        if (file is null)
        {
            return [];
        }

        using var patience = new CancellationTokenSource(Patience);
        var request = new VolumeRequest { Service = new UpgradeRequest { Path = file } };
        var listing = Task.Run(() => Product.Volumes.GetSnapshotsAsync(request, new ReportQueue(), patience.Token), patience.Token);
        return listing.Wait(Patience)
            ? listing.Result.Select(snapshot => (snapshot.SnapshotId, $"{snapshot.Kind} of {snapshot.Node}, {snapshot.TakenAt:yyyy-MM-dd HH:mm}, {Quantity.Text((double)snapshot.DataBytes)}")).ToList()
            : [];
    }
}
