using StatefulDeploy.Contracts;

namespace StatefulDeploy.Reuse;

/// <summary>How long nobody serves while the volume of the only node goes to its successor; an estimate, on the long side.</summary>
internal static class OutageEstimate
{
    // To end a server, to unmount, detach, attach, check and mount, and to measure the volume. Allowances, not measurements.
    private static readonly TimeSpan Acts = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Move = TimeSpan.FromSeconds(10);

    // What a disk writes, and a server reads in, at least.
    private const double BytesPerSecond = 100e6;

    /// <summary>The estimate.</summary>
    /// <param name="context">Both clusters, whole.</param>
    /// <param name="bytes">Data of the node.</param>
    internal static TimeSpan Of(EngineContext context, long bytes)
    {
        var transfers = ReusedLayout.Transfers(context.Service, context.Source, context.Target);

        // It is saved, loaded and logged anew; and copied for the snapshot where the file system cannot share blocks.
        var passes = transfers.Any(transfer => transfer.Volume.FileSystem != "xfs") ? 4 : 3;
        return Acts + (transfers.Any(transfer => transfer.ChangesHost) ? Move : TimeSpan.Zero) + TimeSpan.FromSeconds(Math.Ceiling(passes * bytes / BytesPerSecond));
    }
}
