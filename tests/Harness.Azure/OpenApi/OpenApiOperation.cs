namespace StatefulDeploy.Harness.Azure.OpenApi;

/// <summary>One operation of an API: a method on a path.</summary>
public sealed class OpenApiOperation
{
    private readonly string[] _template;

    internal OpenApiOperation(string method, string template, OpenApiNode node, IEnumerable<OpenApiNode> shared)
    {
        Method = method;
        Template = template;
        Node = node;
        _template = template.Trim('/').Split('/');
        Parameters = [.. shared, .. node.All("parameters")];
        Literals = _template.Count(part => !IsName(part));
    }

    /// <summary>Its method, in capitals.</summary>
    public string Method { get; }

    /// <summary>Its path, with names in braces.</summary>
    public string Template { get; }

    /// <summary>What the file says of it.</summary>
    public OpenApiNode Node { get; }

    /// <summary>Its id, such as <c>Disks_Get</c>.</summary>
    public string Id => Node.Text("operationId") ?? $"{Method} {Template}";

    /// <summary>Its parameters.</summary>
    public IReadOnlyList<OpenApiNode> Parameters { get; }

    /// <summary>How many parts of its path are fixed: of two that fit, the one with more is meant.</summary>
    public int Literals { get; }

    /// <summary>What its path's names are in a request's path; null when it is another path.</summary>
    /// <param name="path">The path, decoded.</param>
    public IReadOnlyDictionary<string, string>? Match(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var parts = path.Trim('/').Split('/');
        if (parts.Length != _template.Length)
        {
            return null;
        }

        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var index = 0; index < parts.Length; index++)
        {
            if (IsName(_template[index]))
            {
                names[_template[index][1..^1]] = parts[index];
            }
            else if (!string.Equals(_template[index], parts[index], StringComparison.OrdinalIgnoreCase))
            {
                return null;
            }
        }

        return names;
    }

    /// <summary>The answer it describes for a status; null when it describes none and no default.</summary>
    /// <param name="status">The status.</param>
    public OpenApiNode? Response(int status) => Node.At("responses")!.Value.At(FormattableString.Invariant($"{status}")) ?? (status >= 400 ? Node.At("responses")!.Value.At("default") : null);

    private static bool IsName(string part) => part.StartsWith('{') && part.EndsWith('}');
}
