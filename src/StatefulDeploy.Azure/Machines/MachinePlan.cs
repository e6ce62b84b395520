using System.Text.Json.Nodes;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Azure.Disks;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Machines;

/// <summary>A machine as it will be made.</summary>
/// <param name="Order">Which.</param>
/// <param name="Machine">What is sent to make it.</param>
/// <param name="Interface">What is sent to make its network interface.</param>
/// <param name="Volumes">The volumes that come to it, with their disks.</param>
internal sealed record MachinePlan(MachineOrder Order, JsonObject Machine, JsonObject Interface, IReadOnlyList<(VolumeDescription Volume, DiskSight Disk)> Volumes)
{
    /// <summary>Its name.</summary>
    public string Name => Order.Machine.Name;

    /// <summary>Where it will be.</summary>
    public string Region => Machine.Text("location") ?? string.Empty;

    /// <summary>Its zone; null for none.</summary>
    public string? Zone => Machine["zones"] is JsonArray { Count: > 0 } zones ? zones[0]!.GetValue<string>() : null;

    /// <summary>Its size.</summary>
    public string Size => Machine.Text("properties", "hardwareProfile", "vmSize") ?? string.Empty;

    /// <summary>The machine as Azure will tell it.</summary>
    public MachineSight Sight()
    {
        var body = (JsonObject)Machine.DeepClone();
        body["id"] = Order.Machine.ToString();
        return new MachineSight(new ArmResource(body, null));
    }
}
