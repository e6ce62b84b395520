using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Arm;

/// <summary>A cloud: where its Resource Manager is, who signs in to it, and which versions of its API it has.</summary>
/// <param name="Name">Its name, as the service file has it.</param>
/// <param name="Endpoint">Its Resource Manager.</param>
/// <param name="Authority">Who signs in to it.</param>
/// <param name="Audience">Whom a token is for.</param>
/// <param name="Versions">The versions of its API.</param>
internal sealed record AzureEnvironment(string Name, Uri Endpoint, Uri Authority, string Audience, ApiVersions Versions)
{
    // The endpoints of the national clouds: learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure and
    // learn.microsoft.com/azure/china/resources-developer-guide.
    private static readonly AzureEnvironment[] Known =
    [
        new("public", new Uri("https://management.azure.com"), new Uri("https://login.microsoftonline.com"), "https://management.azure.com", ApiVersions.Newest),
        new("usgov", new Uri("https://management.usgovcloudapi.net"), new Uri("https://login.microsoftonline.us"), "https://management.usgovcloudapi.net", ApiVersions.Newest),
        new("china", new Uri("https://management.chinacloudapi.cn"), new Uri("https://login.chinacloudapi.cn"), "https://management.chinacloudapi.cn", ApiVersions.Newest),
    ];

    /// <summary>The scope of a token for all that it has.</summary>
    public string Scope => $"{Audience}/.default";

    /// <summary>The cloud that a service file names.</summary>
    /// <exception cref="UpgradeException">It is a custom one, and its endpoint or audience is not told.</exception>
    public static AzureEnvironment Of(AzureDescription azure)
    {
        if (Known.FirstOrDefault(one => one.Name == azure.Environment) is { } known)
            return azure.ComputeApiVersion is { } version ? known with { Versions = known.Versions.WithCompute(version) } : known;

        return new AzureEnvironment(
            azure.Environment,
            Address(azure.Endpoint, "endpoint"),
            Address(azure.Authority, "authority"),
            azure.Audience?.TrimEnd('/') ?? throw Missing("audience"),
            azure.ComputeApiVersion is { } compute ? ApiVersions.Oldest.WithCompute(compute) : ApiVersions.Oldest);
    }

    private static Uri Address(string? text, string key) => Uri.TryCreate(text ?? throw Missing(key), UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps
        ? address
        : throw new UpgradeException("InvalidValue", $"azure.{key}: '{text}' is no https address.", $"Write it as https://HOST, as the operator of the cloud tells it.", FailureCategory.InvalidInput) { Target = $"azure.{key}" };

    private static UpgradeException Missing(string key) => new(
        "MissingKey",
        $"azure.{key} is missing: a custom environment has an endpoint, an authority and an audience of its own.",
        $"Add azure.{key}; on Azure Stack Hub https://ENDPOINT/metadata/endpoints?api-version=2015-01-01 tells all three.",
        FailureCategory.InvalidInput)
    { Target = $"azure.{key}" };
}
