namespace StatefulDeploy.Model;

/// <summary>A quota of a subscription in a region.</summary>
/// <param name="Name">Its name: a family of sizes, such as <c>standardDSv5Family</c>, <c>cores</c> for all of them, or <c>virtualMachines</c>.</param>
/// <param name="Text">Its name for people, such as <c>Standard DSv5 Family vCPUs</c>.</param>
/// <param name="Used">What is used of it: virtual processors, or machines.</param>
/// <param name="Limit">How much there may be.</param>
public sealed record AzureQuota(string Name, string Text, long Used, long Limit)
{
    /// <summary>What is left.</summary>
    public long Left => Math.Max(Limit - Used, 0);
}
