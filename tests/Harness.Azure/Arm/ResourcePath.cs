namespace StatefulDeploy.Harness.Azure.Arm;

/// <summary>The path of a resource, of a collection or of an action.</summary>
/// <param name="Subscription">The subscription; null when the path names none.</param>
/// <param name="Group">The resource group; null when it names none.</param>
/// <param name="Provider">The resource provider; null for resource groups themselves.</param>
/// <param name="Segments">What follows: types and names by turns.</param>
public sealed record ResourcePath(string? Subscription, string? Group, string? Provider, IReadOnlyList<string> Segments)
{
    /// <summary>The name of the resource: the last one of the path.</summary>
    public string Name => Segments.Count > 1 ? Segments[Segments.Count - 1 - (Segments.Count % 2)] : string.Empty;

    /// <summary>Its type, such as <c>Microsoft.Compute/disks</c>.</summary>
    public string Type => $"{Provider ?? "Microsoft.Resources"}/{string.Join('/', Segments.Where((_, index) => index % 2 == 0 && (index == 0 || index < Segments.Count - 1 || Segments.Count % 2 == 0)))}";

    /// <summary>The resource's id as Azure writes it; for an action the id of what it acts on.</summary>
    public string Id => $"{Scope}{(Provider is null ? string.Empty : $"/providers/{Provider}")}{string.Concat(Segments.Take(Segments.Count - (Segments.Count > 1 ? Segments.Count % 2 : 0)).Select(part => "/" + part))}";

    /// <summary>What route it takes: provider, types and actions, with <c>*</c> for names.</summary>
    public string Route => $"{Provider}/{string.Join('/', Segments.Select((part, index) => index % 2 == 0 ? part : "*"))}".ToLowerInvariant();

    private string Scope => $"/subscriptions/{Subscription}{(Group is null ? string.Empty : $"/resourceGroups/{Group}")}";

    /// <summary>Takes a path apart.</summary>
    /// <param name="path">The path, decoded.</param>
    public static ResourcePath Parse(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var parts = path.Trim('/').Split('/').ToList();
        var subscription = Take(parts, "subscriptions");
        var group = parts.Count > 2 || Is(parts, 2, "providers") ? Take(parts, "resourceGroups") : null;
        var provider = Take(parts, "providers");
        return new ResourcePath(subscription, group, provider, parts);
    }

    private static bool Is(List<string> parts, int index, string word) => parts.Count > index && string.Equals(parts[index], word, StringComparison.OrdinalIgnoreCase);

    private static string? Take(List<string> parts, string word)
    {
        if (!Is(parts, 0, word) || parts.Count < 2)
        {
            return null;
        }

        var value = parts[1];
        parts.RemoveRange(0, 2);
        return value;
    }
}
