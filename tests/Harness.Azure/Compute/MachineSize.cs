namespace StatefulDeploy.Harness.Azure.Compute;

/// <summary>A size of machines and what it can do.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Family">The family whose quota it counts against.</param>
/// <param name="Cores">Its virtual processors.</param>
/// <param name="MemoryGB">Its memory in GiB.</param>
/// <param name="MaxDataDisks">How many data disks it takes.</param>
public sealed record MachineSize(string Name, string Family, int Cores, int MemoryGB, int MaxDataDisks)
{
    /// <summary>The zones it is offered in.</summary>
    public IReadOnlyList<string> Zones { get; init; } = ["1", "2", "3"];

    /// <summary>Whether it takes premium disks.</summary>
    public bool Premium { get; init; } = true;

    /// <summary>Whether it takes Ultra disks.</summary>
    public bool Ultra { get; init; } = true;

    /// <summary>The disk controllers it can have.</summary>
    public string Controllers { get; init; } = "SCSI";

    /// <summary>Whether it may not be had now.</summary>
    public bool Restricted { get; init; }

    /// <summary>Some sizes, as Microsoft publishes them (learn.microsoft.com/azure/virtual-machines/sizes).</summary>
    public static IReadOnlyList<MachineSize> Usual { get; } =
    [
        new("Standard_B2s", "standardBSFamily", 2, 4, 4) { Ultra = false },
        new("Standard_D2_v3", "standardDv3Family", 2, 8, 4) { Premium = false, Ultra = false },
        new("Standard_D2s_v3", "standardDSv3Family", 2, 8, 4),
        new("Standard_D4s_v3", "standardDSv3Family", 4, 16, 8),
        new("Standard_D2s_v5", "standardDSv5Family", 2, 8, 4),
        new("Standard_D4s_v5", "standardDSv5Family", 4, 16, 8),
        new("Standard_D8s_v5", "standardDSv5Family", 8, 32, 16),
        new("Standard_E4s_v5", "standardESv5Family", 4, 32, 8),
        new("Standard_E8s_v5", "standardESv5Family", 8, 64, 16),
        new("Standard_L8s_v3", "standardLSv3Family", 8, 64, 16),
        new("Standard_E4bs_v5", "standardEBSv5Family", 4, 32, 8) { Controllers = "SCSI, NVMe" },
        new("Standard_D4s_v6", "standardDsv6Family", 4, 16, 12) { Controllers = "NVMe" },
        new("Standard_M8ms", "standardMSFamily", 8, 219, 8) { Restricted = true },
    ];
}
