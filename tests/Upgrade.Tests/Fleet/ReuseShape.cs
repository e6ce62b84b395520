namespace StatefulDeploy.Upgrade.Tests.Fleet;

/// <summary>How a <see cref="ReuseService"/> is made.</summary>
internal sealed record ReuseShape
{
    /// <summary>The node whose disk is an ext4, which is copied for a snapshot.</summary>
    public int CopiedDisk { get; init; } = 1;

    /// <summary>Whether the upgrade and the gateway are on a machine of their own instead of the writer's.</summary>
    public bool OperatorElsewhere { get; init; }

    /// <summary>The folder for the second disk's image; null for that of the test.</summary>
    public string? Storage { get; init; }

    /// <summary>How disks come to machines.</summary>
    public IDiskShelf Shelf { get; init; } = new ImageShelf();
}
