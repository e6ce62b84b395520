namespace StatefulDeploy.Azure.Arm;

/// <summary>The kinds of resources that are dealt with.</summary>
internal static class ResourceTypes
{
    public const string Machine = "Microsoft.Compute/virtualMachines";
    public const string Disk = "Microsoft.Compute/disks";
    public const string Snapshot = "Microsoft.Compute/snapshots";
    public const string Interface = "Microsoft.Network/networkInterfaces";
    public const string Balancer = "Microsoft.Network/loadBalancers";
    public const string DnsZone = "Microsoft.Network/privateDnsZones";
}
