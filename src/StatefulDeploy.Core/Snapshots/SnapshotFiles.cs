using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Volumes;

namespace StatefulDeploy.Snapshots;

/// <summary>How much a folder holds: enough to tell a whole copy from a part of one.</summary>
/// <param name="Files">How many files.</param>
/// <param name="Bytes">Their bytes.</param>
internal sealed record SnapshotFiles(int Files, long Bytes)
{
    /// <summary>Counts what is below a folder; nothing when there is none.</summary>
    internal static async Task<SnapshotFiles> CountAsync(IHost host, string folder, IReadOnlyList<string> filter, CancellationToken cancellationToken)
    {
        var found = await host.TryAsync("find", [folder, "-mindepth", "1", .. filter, "-type", "f", "-printf", @"%s\n"], cancellationToken);
        var sizes = found.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToList();
        return new SnapshotFiles(sizes.Count, sizes.Sum());
    }
}
