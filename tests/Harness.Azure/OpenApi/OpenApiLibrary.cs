using System.Text.Json;

namespace StatefulDeploy.Harness.Azure.OpenApi;

/// <summary>All OpenAPI files, and the one exceptions file for what has none.</summary>
public sealed class OpenApiLibrary
{
    private static readonly Lazy<OpenApiLibrary> Read = new(() => new OpenApiLibrary(AzureData.OpenApi));

    private readonly Dictionary<string, OpenApiFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<OpenApiOperation>> _operations = new(StringComparer.Ordinal);

    private OpenApiLibrary(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Where(path => !path.Contains("/examples/", StringComparison.Ordinal)))
        {
            Index(Open(path));
        }

        Exceptions = OpenApiExceptions.Read(this);
        Index(Exceptions.File);
    }

    /// <summary>The library of this machine's files, read once.</summary>
    /// <exception cref="DirectoryNotFoundException">They are not here.</exception>
    public static OpenApiLibrary Shared => Read.Value;

    /// <summary>What is not as in the files, and why.</summary>
    public OpenApiExceptions Exceptions { get; }

    /// <summary>All operations of all files.</summary>
    public IEnumerable<OpenApiOperation> Operations => _operations.Values.SelectMany(list => list);

    /// <summary>The operation that a request asks for; null when there is none.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="path">Its path, decoded.</param>
    /// <param name="version">Its api-version. One that is newer than the files is held to the version that the exceptions name.</param>
    public OpenApiOperation? Find(string method, string path, string version) => _operations.GetValueOrDefault(version, [])
        .Concat(_operations[OpenApiExceptions.AnyVersion])
        .Where(operation => operation.Method == method && operation.Match(path) is not null)
        .MaxBy(operation => operation.Literals);

    internal OpenApiFile Open(string path)
    {
        if (!_files.TryGetValue(path, out var file))
        {
            file = new OpenApiFile(path, File.ReadAllText(path), Open);
            _files[path] = file;
        }

        return file;
    }

    private void Index(OpenApiFile file)
    {
        if (!file.Root.Element.TryGetProperty("paths", out var paths))
        {
            return;
        }

        foreach (var path in paths.EnumerateObject())
        {
            var node = new OpenApiNode(file, path.Value);
            foreach (var method in path.Value.EnumerateObject().Where(property => property.Value.ValueKind == JsonValueKind.Object))
            {
                if (!_operations.TryGetValue(file.Version, out var list))
                {
                    _operations[file.Version] = list = [];
                }

                list.Add(new OpenApiOperation(method.Name.ToUpperInvariant(), path.Name, node with { Element = method.Value }, node.All("parameters")));
            }
        }
    }
}
