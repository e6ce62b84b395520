namespace StatefulDeploy.Azure.Disks;

/// <summary>The host caching of a data disk, in Azure's words.</summary>
internal static class DiskCaching
{
    public const string None = "None";
    public const string ReadOnly = "ReadOnly";
    public const string ReadWrite = "ReadWrite";

    // learn.microsoft.com/azure/virtual-machines/premium-storage-performance: no host caching from 4 TiB (4,096 GiB) on.
    private const long CachedBelowGb = 4096;

    /// <summary>Why a disk cannot be cached by its host; null when it can.</summary>
    public static string? Obstacle(DiskSight disk) => disk switch
    {
        { IsUltra: true } => "it is an Ultra disk",
        { IsPremiumV2: true } => "it is a Premium SSD v2 disk",
        { MaxShares: > 1 } => "it is shared",
        { SizeGb: >= CachedBelowGb } => "it has 4 TiB or more",
        _ => null,
    };
}
