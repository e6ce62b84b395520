namespace StatefulDeploy.Azure.Arm;

/// <summary>The version of the API by which each kind of resource is spoken to.</summary>
/// <param name="Compute">Virtual machines, their usages and availability sets.</param>
/// <param name="Disks">Disks and snapshots.</param>
/// <param name="Skus">What sizes there are.</param>
/// <param name="Network">Network interfaces and load balancers.</param>
/// <param name="PrivateDns">Private DNS zones.</param>
/// <param name="Resources">Resource groups.</param>
internal sealed record ApiVersions(string Compute, string Disks, string Skus, string Network, string PrivateDns, string Resources)
{
    // The first version of virtualMachines/attachDetachDataDisks.
    private const string AttachDetach = "2024-03-01";
    private const string Authorization = "2022-04-01";

    /// <summary>Those of the public cloud and the national ones.</summary>
    public static ApiVersions Newest { get; } = new(AttachDetach, "2023-10-02", "2021-07-01", "2024-01-01", "2020-06-01", "2022-09-01");

    /// <summary>Those of a cloud that may be older.</summary>
    public static ApiVersions Oldest { get; } = new("2023-07-01", "2023-04-02", "2021-07-01", "2024-01-01", "2020-06-01", "2022-09-01");

    /// <summary>Whether one request attaches and detaches disks without sending the whole list of them.</summary>
    public bool HasAttachDetach => string.CompareOrdinal(Compute, AttachDetach) >= 0;

    /// <summary>The same with another version for virtual machines.</summary>
    public ApiVersions WithCompute(string version) => this with { Compute = version };

    /// <summary>The version for a type such as <c>Microsoft.Compute/disks</c>.</summary>
    public string Of(string type)
    {
        if (Is(type, "Microsoft.Compute/disks") || Is(type, "Microsoft.Compute/snapshots"))
            return Disks;
        if (Is(type, "Microsoft.Compute/skus"))
            return Skus;
        if (Is(type, "Microsoft.Network/privateDnsZones"))
            return PrivateDns;
        if (Is(type, "Microsoft.Network"))
            return Network;
        if (Is(type, "Microsoft.Authorization"))
            return Authorization;
        return Is(type, "Microsoft.Compute") ? Compute : Resources;
    }

    private static bool Is(string type, string prefix) => type.StartsWith(prefix, StringComparison.OrdinalIgnoreCase);
}
