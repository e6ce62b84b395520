using System.Text.RegularExpressions;
using StatefulDeploy.Model;

namespace StatefulDeploy.Composition.Configuration;

/// <summary>Reads where on Azure a service's machines are.</summary>
internal static partial class AzureReader
{
    private static readonly string[] OwnClouds = ["public", "usgov", "china"];

    private static readonly Dictionary<string, AzureCredentialKind> Kinds = new(StringComparer.Ordinal)
    {
        ["default"] = AzureCredentialKind.Default,
        ["managedIdentity"] = AzureCredentialKind.ManagedIdentity,
        ["azureCli"] = AzureCredentialKind.AzureCli,
        ["certificate"] = AzureCredentialKind.Certificate,
        ["deviceCode"] = AzureCredentialKind.DeviceCode,
    };

    public static AzureDescription Read(YamlSection section, IReadOnlyDictionary<string, HostDescription> hosts)
    {
        var environment = section["environment"]?.Text() ?? OwnClouds[0];
        RequireAddresses(section, environment);
        return new AzureDescription
        {
            Environment = environment,
            Endpoint = ReadAddress(section["endpoint"]),
            Authority = ReadAddress(section["authority"]),
            Audience = section["audience"]?.Text(),
            CaFile = section["caFile"]?.FullPath(),
            ComputeApiVersion = section["computeApiVersion"] is { } version ? ReadVersion(version) : null,
            Subscription = ReadGuid(section.Required("subscription")),
            ResourceGroup = ReadGroup(section.Required("resourceGroup")),
            Tenant = section["tenant"]?.Text(),
            Credential = section["credential"] is { } credential ? ReadCredential(credential.Section(SectionKeys.AzureCredential), section) : new AzureCredentialDescription(),
            Machines = ReadMachines(section["machines"], hosts),
            Green = section["green"] is { } green ? ReadGreen(green.Section(SectionKeys.AzureGreen)) : null,
            DetachPatience = section["detachPatience"]?.Duration(TimeSpan.FromMinutes(1)) ?? TimeSpan.FromMinutes(30),
            SnapshotBeforeMove = section["snapshotBeforeMove"]?.Flag() ?? false,
        };
    }

    private static void RequireAddresses(YamlSection section, string environment)
    {
        string[] keys = ["endpoint", "authority", "audience"];
        if (!OwnClouds.Contains(environment, StringComparer.Ordinal))
        {
            if (NearestName.Of(environment, OwnClouds) is { } meant && keys.All(key => section[key] is null))
                throw section["environment"]!.Place.Error("InvalidValue", $"'{environment}' is none of {string.Join(", ", OwnClouds)}. Did you mean '{meant}'?", "Correct the name, or give a custom cloud's endpoint, authority and audience.");
            Array.ForEach(keys, key => section.Required(key));
        }
        else if (keys.FirstOrDefault(key => section[key] is not null) is { } stray)
        {
            throw section[stray]!.Place.Error("ConflictingKeys", $"'{stray}' belongs to a custom cloud, and the environment is '{environment}'.", $"Remove '{stray}', or give the custom cloud a name of its own under 'environment'.");
        }
    }

    private static AzureCredentialDescription ReadCredential(YamlSection section, YamlSection azure)
    {
        var kind = section["kind"]?.OneOf(Kinds) ?? AzureCredentialKind.Default;
        if (kind == AzureCredentialKind.Certificate)
        {
            azure.Required("tenant");
            section.Required("clientId");
            section.Required("certificateFile");
        }
        else if (section["certificateFile"] is { } stray)
        {
            throw stray.Place.Error("ConflictingKeys", "A certificate belongs to 'kind: certificate'.", "Set 'kind: certificate', or remove 'certificateFile'.");
        }

        return new AzureCredentialDescription { Kind = kind, ClientId = section["clientId"] is { } client ? ReadGuid(client) : null, CertificateFile = section["certificateFile"]?.FullPath() };
    }

    private static Dictionary<string, string> ReadMachines(YamlValue? machines, IReadOnlyDictionary<string, HostDescription> hosts)
    {
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (host, value) in machines?.Entries() ?? [])
        {
            if (host != "local" && !hosts.ContainsKey(host))
                throw value.Place.Error("UnknownHost", $"There is no host '{host}'.{NearestName.Question(host, hosts.Keys)}", "Describe it under 'hosts', or use 'local', which is this machine.");
            if (read.FirstOrDefault(other => string.Equals(other.Value, value.Text(), StringComparison.OrdinalIgnoreCase)).Key is { } twin)
                throw value.Place.Error("DuplicateName", $"The hosts '{twin}' and '{host}' are the same machine '{value.Text()}'.", "Name the machine that each host is.");
            read.Add(host, value.Text());
        }

        return read;
    }

    private static AzureGreenDescription ReadGreen(YamlSection section) => new()
    {
        Image = section["image"]?.Text(),
        Size = section["size"]?.Text(),
        TemplateFile = section["template"]?.FullPath(),
        CloudInitFile = section["cloudInit"]?.FullPath(),
    };

    private static string? ReadAddress(YamlValue? value)
    {
        if (value is null)
            return null;

        return Uri.TryCreate(value.Text(), UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps
            ? value.Text()
            : throw value.Wrong(value.Text(), "an address that begins with https://");
    }

    private static string ReadGuid(YamlValue value) => Guid.TryParseExact(value.Text(), "D", out _)
        ? value.Text().ToLowerInvariant()
        : throw value.Wrong(value.Text(), "a GUID such as 6f1a2b3c-0000-4000-8000-0123456789ab");

    private static string ReadVersion(YamlValue value) => VersionPattern().IsMatch(value.Text()) ? value.Text() : throw value.Wrong(value.Text(), "a version of the API such as 2023-07-01");

    private static string ReadGroup(YamlValue value) => GroupPattern().IsMatch(value.Text())
        ? value.Text()
        : throw value.Wrong(value.Text(), "the name of a resource group: 1 to 90 letters, digits, '-', '_', '.', '(' and ')', no '.' at the end");

    [GeneratedRegex("^20[0-9]{2}-[0-9]{2}-[0-9]{2}(-preview)?$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VersionPattern();

    [GeneratedRegex(@"^[\p{L}\p{N}_().-]{0,89}[\p{L}\p{N}_()-]$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex GroupPattern();
}
