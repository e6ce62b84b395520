using System.Text.RegularExpressions;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Azure.Arm;

/// <summary>The names that Azure takes, after learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules: a wrong one is refused before anything is asked.</summary>
internal static partial class ResourceNames
{
    // Letters, digits and '-', '_', '.', as each kind has them; how long; for people.
    private static readonly Dictionary<string, (Regex Pattern, int Longest, string Text)> Rules = new(StringComparer.OrdinalIgnoreCase)
    {
        [ResourceTypes.Machine] = (MachinePattern(), 64, "letters, digits, '-', '.' and '_', a letter or digit first and no '-' or '.' at the end"),
        [ResourceTypes.Disk] = (DiskPattern(), 80, "letters, digits, '-' and '_'"),
        [ResourceTypes.Snapshot] = (SnapshotPattern(), 80, "letters, digits, '-', '.' and '_', a letter or digit first"),
        [ResourceTypes.Interface] = (NetworkPattern(), 80, "letters, digits, '-', '.' and '_', a letter or digit first, a letter, digit or '_' last"),
        [ResourceTypes.Balancer] = (NetworkPattern(), 80, "letters, digits, '-', '.' and '_', a letter or digit first, a letter, digit or '_' last"),
        [ResourceTypes.DnsZone] = (DnsPattern(), 253, "labels of letters, digits and '-', parted by '.'"),
    };

    /// <summary>Whether a kind of resource may have a name.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public static string? Complaint(string type, string name)
    {
        if (!Rules.TryGetValue(type, out var rule))
            return null;
        if (name.Length > rule.Longest)
            return $"'{name}' has {name.Length} characters; a name of {type} has at most {rule.Longest}.";
        return rule.Pattern.IsMatch(name) ? null : $"'{name}' is no name of {type}: it has {rule.Text}.";
    }

    /// <exception cref="UpgradeException">The kind of resource may not have that name.</exception>
    public static void Require(string type, string name)
    {
        if (Complaint(type, name) is { } complaint)
            throw Wrong(complaint, name);
    }

    /// <exception cref="UpgradeException">It is no id of a subscription.</exception>
    public static void RequireSubscription(string subscription)
    {
        if (!Guid.TryParseExact(subscription, "D", out _))
            throw Wrong($"'{subscription}' is not the id of a subscription, which is a GUID.", subscription);
    }

    /// <exception cref="UpgradeException">It is no name of a resource group.</exception>
    public static void RequireGroup(string group)
    {
        if (!GroupPattern().IsMatch(group))
            throw Wrong($"'{group}' is no name of a resource group: 1 to 90 letters, digits, '-', '_', '.', '(' and ')', no '.' at the end.", group);
    }

    private static UpgradeException Wrong(string message, string name) =>
        new("InvalidName", message, "Correct the name in the service file. Nothing was asked of Azure.", FailureCategory.InvalidInput) { Target = name };

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9_])?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MachinePattern();

    [GeneratedRegex("^[A-Za-z0-9_-]+$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DiskPattern();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]*$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SnapshotPattern();

    [GeneratedRegex("^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9_])?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NetworkPattern();

    [GeneratedRegex(@"^([A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?\.)+[A-Za-z0-9-]+$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DnsPattern();

    [GeneratedRegex(@"^[\p{L}\p{N}_().-]{0,89}[\p{L}\p{N}_()-]$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex GroupPattern();
}
