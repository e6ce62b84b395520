using System.Text.RegularExpressions;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Azure.Arm;

/// <summary>The id of a resource, checked before any request is made with it. Two ids that differ in case alone are the same.</summary>
internal sealed partial class ResourceId : IEquatable<ResourceId>
{
    private ResourceId(string subscription, string group, string type, string name)
    {
        Subscription = subscription;
        Group = group;
        Type = type;
        Name = name;
    }

    /// <summary>The subscription, a GUID.</summary>
    public string Subscription { get; }

    /// <summary>The resource group.</summary>
    public string Group { get; }

    /// <summary>The type, such as <c>Microsoft.Compute/disks</c>; of a child with the parents' types.</summary>
    public string Type { get; }

    /// <summary>The name; of a child with the parents' names, parted by <c>/</c>.</summary>
    public string Name { get; }

    /// <summary>The last part of the name.</summary>
    public string LastName => Name[(Name.LastIndexOf('/') + 1)..];

    /// <summary>The id of a resource of some type in a group.</summary>
    public static ResourceId Of(string subscription, string group, string type, string name)
    {
        ResourceNames.RequireSubscription(subscription);
        ResourceNames.RequireGroup(group);
        ResourceNames.Require(type, name);
        return new ResourceId(subscription, group, type, name);
    }

    /// <summary>Reads an id.</summary>
    /// <exception cref="UpgradeException">It is none.</exception>
    public static ResourceId Parse(string text) => TryParse(text) ?? throw new UpgradeException(
        "InvalidResourceId",
        $"'{text}' is not the id of an Azure resource.",
        "Write it as /subscriptions/GUID/resourceGroups/GROUP/providers/Microsoft.Compute/TYPE/NAME, as 'az resource show' tells it.",
        FailureCategory.InvalidInput)
    { Target = text };

    /// <summary>Reads an id; null when it is none.</summary>
    public static ResourceId? TryParse(string? text)
    {
        if (text is null || IdPattern().Match(text) is not { Success: true } match)
            return null;

        var parts = match.Groups["rest"].Value.Split('/');
        return parts.Length % 2 == 0
            ? new ResourceId(
                match.Groups["subscription"].Value,
                match.Groups["group"].Value,
                $"{match.Groups["provider"].Value}/{string.Join('/', parts.Where((_, index) => index % 2 == 0))}",
                string.Join('/', parts.Where((_, index) => index % 2 == 1)))
            : null;
    }

    /// <summary>The id of a child of this resource.</summary>
    public ResourceId Child(string type, string name) => new(Subscription, Group, $"{Type}/{type}", $"{Name}/{name}");

    /// <summary>The id of another resource in the same group.</summary>
    public ResourceId Sibling(string type, string name) => Of(Subscription, Group, type, name);

    /// <summary>The id as Resource Manager writes it.</summary>
    public override string ToString()
    {
        var types = Type.Split('/');
        var path = string.Concat(types.Skip(1).Zip(Name.Split('/'), (type, name) => $"/{type}/{name}"));
        return $"/subscriptions/{Subscription}/resourceGroups/{Group}/providers/{types[0]}{path}";
    }

    /// <inheritdoc/>
    public bool Equals(ResourceId? other) => other is not null && string.Equals(ToString(), other.ToString(), StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ResourceId);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(ToString());

    [GeneratedRegex("^/subscriptions/(?<subscription>[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})/resourceGroups/(?<group>[^/]{1,90})/providers/(?<provider>[A-Za-z.]+)/(?<rest>[^/?#]+(/[^/?#]+)+)$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex IdPattern();
}
