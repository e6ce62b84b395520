using System.Text.Json.Nodes;
using StatefulDeploy.Azure.Arm;

namespace StatefulDeploy.Azure.Disks;

/// <summary>A disk as Azure tells it.</summary>
internal sealed class DiskSight(ArmResource resource)
{
    /// <summary>All of it.</summary>
    public ArmResource Resource => resource;

    /// <summary>Its id.</summary>
    public ResourceId Id => resource.Id;

    /// <summary>The machines that have it: one, or several when it is shared.</summary>
    public IReadOnlyList<ResourceId> Owners =>
    [
        .. new[] { resource.Text("managedBy") }.Concat(Extended()).Select(ResourceId.TryParse).OfType<ResourceId>().Distinct(),
    ];

    /// <summary>Its state, such as <c>Attached</c> or <c>Unattached</c>.</summary>
    public string State => resource.Properties.Text("diskState") ?? string.Empty;

    /// <summary>Its kind of storage, such as <c>Premium_LRS</c>.</summary>
    public string Sku => resource.Body.Text("sku", "name") ?? string.Empty;

    /// <summary>Its size in GiB.</summary>
    public long SizeGb => (long)(resource.Properties.Number("diskSizeGB") ?? 0);

    /// <summary>How many machines can have it at once.</summary>
    public int MaxShares => (int)(resource.Properties.Number("maxShares") ?? 1);

    /// <summary>Whether it is an Ultra disk.</summary>
    public bool IsUltra => Sku == "UltraSSD_LRS";

    /// <summary>Whether it is a Premium SSD v2 disk.</summary>
    public bool IsPremiumV2 => Sku == "PremiumV2_LRS";

    /// <summary>Whether only machines with premium storage can have it.</summary>
    public bool IsPremium => Sku.StartsWith("Premium", StringComparison.Ordinal);

    /// <summary>Its zone; null for none, or for a disk of all zones.</summary>
    public string? Zone => resource.Zones is [var one] ? one : null;

    /// <summary>Whether it is in all zones of its region, so that a machine of any of them can have it.</summary>
    public bool IsInAllZones => Sku.EndsWith("_ZRS", StringComparison.Ordinal) || resource.Zones.Count > 1;

    /// <summary>How far its content has come, in percent, while it is copied in the background; null when nothing is copied.</summary>
    public double? CompletionPercent => resource.Properties.Number("completionPercent");

    private IEnumerable<string?> Extended() => resource.Body["managedByExtended"] is JsonArray list ? list.Select(item => item?.GetValue<string>()) : [];
}
