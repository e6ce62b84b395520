namespace StatefulDeploy.Azure.Machines;

/// <summary>What a size of machine can have in a region.</summary>
internal sealed record MachineSize
{
    /// <summary>Its name, such as <c>Standard_E8ds_v5</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The family by which its processors are counted against the quota.</summary>
    public required string Family { get; init; }

    /// <summary>Its processors.</summary>
    public required int Processors { get; init; }

    /// <summary>How many data disks it can have; null when it is not told.</summary>
    public int? MaxDataDisks { get; init; }

    /// <summary>The zones that have it; empty for a region without zones.</summary>
    public required IReadOnlyList<string> Zones { get; init; }

    /// <summary>The zones in which it can have Ultra disks.</summary>
    public required IReadOnlySet<string> UltraZones { get; init; }

    /// <summary>Whether it can have Ultra disks in a region without zones.</summary>
    public bool UltraWithoutZone { get; init; }

    /// <summary>Whether it can have Premium disks.</summary>
    public bool PremiumStorage { get; init; }

    /// <summary>Whether its network interface can be accelerated.</summary>
    public bool AcceleratedNetworking { get; init; }

    /// <summary>Where the subscription may not use it.</summary>
    public required IReadOnlyList<SizeRestriction> Restrictions { get; init; }

    /// <summary>Why the subscription may not use it in a zone; null when it may.</summary>
    /// <param name="zone">The zone; null for none.</param>
    public string? RestrictionIn(string? zone) =>
        Restrictions.FirstOrDefault(one => !one.ZonesOnly || (zone is not null && one.Zones.Contains(zone, StringComparer.Ordinal)))?.Reason;
}
