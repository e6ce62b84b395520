namespace StatefulDeploy.Model;

/// <summary>What a machine of a service has left on Azure, and its region for more of its kind.</summary>
public sealed record AzureClusterCapacity
{
    /// <summary>The name of the service.</summary>
    public required string Service { get; init; }

    /// <summary>The file that describes the service.</summary>
    public required string Path { get; init; }

    /// <summary>The host, as the service file names it.</summary>
    public required string Host { get; init; }

    /// <summary>The cluster whose nodes are on it; null when neither has any there.</summary>
    public ClusterColour? Colour { get; init; }

    /// <summary>The virtual machine.</summary>
    public required string Machine { get; init; }

    /// <summary>Whether it is there, and not only to be made.</summary>
    public required bool Exists { get; init; }

    /// <summary>Its region.</summary>
    public required string Region { get; init; }

    /// <summary>Its zone; null for none.</summary>
    public string? Zone { get; init; }

    /// <summary>Its size, such as <c>Standard_E8ds_v5</c>.</summary>
    public required string Size { get; init; }

    /// <summary>The virtual processors of that size; null when the region does not have it.</summary>
    public int? Processors { get; init; }

    /// <summary>How many data disks that size can have; null when it is not told.</summary>
    public int? MaxDataDisks { get; init; }

    /// <summary>The numbers that its data disks have, and volumes that are to come take.</summary>
    public required int LunsUsed { get; init; }

    /// <summary>How many more it can have; null when it is not told.</summary>
    public int? LunsLeft => MaxDataDisks - LunsUsed;

    /// <summary>The zones of the region that have the size; empty for a region without zones.</summary>
    public IReadOnlyList<string> SizeZones { get; init; } = [];

    /// <summary>Whether the size can have premium disks.</summary>
    public bool PremiumStorage { get; init; }

    /// <summary>Whether it can have Ultra disks in its zone.</summary>
    public bool UltraDisks { get; init; }

    /// <summary>Whether its network interface can be accelerated.</summary>
    public bool AcceleratedNetworking { get; init; }

    /// <summary>Why the subscription may not make more of that size there; null when it may.</summary>
    public string? Restriction { get; init; }

    /// <summary>What is left of the quotas that one more of that size counts against; the least of them, in virtual processors. Null when they are not told.</summary>
    public long? ProcessorsLeft { get; init; }

    /// <summary>The quotas that a machine of that size counts against.</summary>
    public IReadOnlyList<AzureQuota> Quotas { get; init; } = [];
}
