using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Compute;

/// <summary>How a machine does, beside what it is.</summary>
internal static class InstanceView
{
    public static JsonObject Of(AzureCloud cloud, MachineResource machine)
    {
        var now = OperationProtocol.Time(cloud.Now);
        var disks = cloud.Store.Of<DiskResource>().Where(disk => disk.Owners.Contains(machine.Id, StringComparer.OrdinalIgnoreCase));
        return new JsonObject
        {
            ["computerName"] = machine.Properties.Text("osProfile", "computerName") ?? machine.Name,
            ["hyperVGeneration"] = "V2",
            ["disks"] = new JsonArray([.. disks.Select(disk => new JsonObject { ["name"] = disk.Name, ["statuses"] = new JsonArray(Status("ProvisioningState/succeeded", "Provisioning succeeded", now)) })]),
            ["statuses"] = new JsonArray(
                Status($"ProvisioningState/{machine.ProvisioningState.ToLowerInvariant()}", $"Provisioning {machine.ProvisioningState.ToLowerInvariant()}", now),
                Status($"PowerState/{machine.Power}", $"VM {machine.Power}", null)),
        };
    }

    private static JsonObject Status(string code, string words, string? time)
    {
        var status = new JsonObject { ["code"] = code, ["level"] = "Info", ["displayStatus"] = words };
        return status.Default("time", time);
    }
}
