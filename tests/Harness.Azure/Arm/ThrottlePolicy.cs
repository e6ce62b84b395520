namespace StatefulDeploy.Harness.Azure.Arm;

/// <summary>How much may be asked of one thing: a bucket of tokens that fills at a rate.</summary>
/// <param name="Name">Its name in <c>x-ms-ratelimit-remaining-resource</c>, or the header of a limit of Resource Manager itself.</param>
/// <param name="Requests">What it counts: method and type, or a beginning of them, such as <c>GET Microsoft.Compute/virtualMachines</c>.</param>
/// <param name="PerResource">Whether each resource has a bucket of its own.</param>
/// <param name="Capacity">How many requests it holds.</param>
/// <param name="PerMinute">How many it gets back in a minute.</param>
public sealed record ThrottlePolicy(string Name, string Requests, bool PerResource, int Capacity, int PerMinute)
{
    /// <summary>The header of a limit of a resource provider.</summary>
    public const string ResourceHeader = "x-ms-ratelimit-remaining-resource";

    private const string Machines = "Microsoft.Compute/virtualMachines";

    /// <summary>
    /// The limits that Microsoft publishes: of Resource Manager for a subscription (request-limits-and-throttling), of Compute for updates of a machine
    /// (compute-throttling-limits: 12 in a bucket of 4 a minute for each machine, 1500 of 500 a minute for a subscription).
    /// </summary>
    public static IReadOnlyList<ThrottlePolicy> Documented { get; } =
    [
        new("x-ms-ratelimit-remaining-subscription-global-reads", "GET", PerResource: false, 3750, 22500),
        new("x-ms-ratelimit-remaining-subscription-global-writes", "PUT", PerResource: false, 3000, 9000),
        new("x-ms-ratelimit-remaining-subscription-global-writes", "PATCH", PerResource: false, 3000, 9000),
        new("x-ms-ratelimit-remaining-subscription-global-writes", "POST", PerResource: false, 3000, 9000),
        new("x-ms-ratelimit-remaining-subscription-global-deletes", "DELETE", PerResource: false, 3000, 9000),
        new("Microsoft.Compute/UpdateVMResource", $"PUT {Machines}", PerResource: true, 12, 4),
        new("Microsoft.Compute/UpdateVMResource", $"PATCH {Machines}", PerResource: true, 12, 4),
        new("Microsoft.Compute/UpdateVMResource", $"POST {Machines}", PerResource: true, 12, 4),
        new("Microsoft.Compute/UpdateVMSubscription", $"PUT {Machines}", PerResource: false, 1500, 500),
        new("Microsoft.Compute/UpdateVMSubscription", $"PATCH {Machines}", PerResource: false, 1500, 500),
        new("Microsoft.Compute/UpdateVMSubscription", $"POST {Machines}", PerResource: false, 1500, 500),
    ];

    /// <summary>Whether it is Resource Manager's own.</summary>
    public bool OfSubscription => Name.StartsWith("x-ms-", StringComparison.Ordinal);

    internal bool Counts(ArmRequest request) => $"{request.Method} {request.Target.Type}".StartsWith(Requests, StringComparison.OrdinalIgnoreCase);
}
