namespace StatefulDeploy.Harness.Azure;

/// <summary>Where Microsoft's OpenAPI files and the recordings are. They are data of the machine, not of the repository.</summary>
public static class AzureData
{
    /// <summary>The environment variable that says where they are, if not in <c>shared/azure</c> beside the checkout.</summary>
    public const string Variable = "STATEFULDEPLOY_AZURE_DATA";

    private static readonly Lazy<string?> Found = new(Find);

    /// <summary>The folder with <c>openapi</c> and <c>recordings</c>.</summary>
    /// <exception cref="DirectoryNotFoundException">It is not here. A test that needs it says so: <c>[AzureFact]</c>.</exception>
    public static string Folder => Found.Value ?? throw new DirectoryNotFoundException(WhyMissing);

    /// <summary>The folder of the OpenAPI files.</summary>
    public static string OpenApi => Path.Combine(Folder, "openapi");

    /// <summary>The folder of the recordings.</summary>
    public static string Recordings => Path.Combine(Folder, "recordings");

    /// <summary>Why they cannot be used; null when they can.</summary>
    public static string? WhyMissing => Found.Value is null ? $"Azure's OpenAPI files are missing: no {Variable}, and no shared/azure/openapi beside the checkout" : null;

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return IsData(named) ? named : null;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var beside = Path.Combine(folder.FullName, "shared", "azure");
            if (IsData(beside))
            {
                return beside;
            }
        }

        return null;
    }

    private static bool IsData(string folder) => Directory.Exists(Path.Combine(folder, "openapi", "specification")) && Directory.Exists(Path.Combine(folder, "recordings"));
}
