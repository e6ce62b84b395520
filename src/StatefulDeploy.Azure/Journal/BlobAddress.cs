using System.Net;
using System.Text.RegularExpressions;

namespace StatefulDeploy.Azure.Journal;

/// <summary>A place for journals in Azure Blob Storage: a container, and a prefix in it.</summary>
internal sealed partial record BlobAddress
{
    private BlobAddress(string account, Uri container, string prefix)
    {
        Account = account;
        Container = container;
        Prefix = prefix;
    }

    /// <summary>The storage account.</summary>
    public string Account { get; }

    /// <summary>The container.</summary>
    public Uri Container { get; }

    /// <summary>The beginning of the names of all blobs; empty, or with a slash at its end.</summary>
    public string Prefix { get; }

    /// <summary>Whether it is encrypted on the way; only what stays on this machine need not be.</summary>
    public bool IsSecure => Container.Scheme == Uri.UriSchemeHttps;

    /// <summary>Reads an address.</summary>
    /// <returns>Null when it is none: it must be https (or http to this machine, where the emulator is), with a container, and with nothing behind the path.</returns>
    public static BlobAddress? Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Query.Length > 0 || uri.Fragment.Length > 0 || uri.UserInfo.Length > 0
            || !(uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)))
            return null;

        // An emulator is addressed by an IP address, and has the account in the path (learn.microsoft.com/azure/storage/common/storage-use-azurite).
        var parts = uri.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var inPath = IPAddress.TryParse(uri.Host, out _) || uri.IsLoopback;
        var account = inPath ? parts.FirstOrDefault() : uri.Host.Split('.')[0];
        var names = inPath ? parts.Skip(1).ToList() : [.. parts];
        if (account is null || names.Count == 0 || !ContainerName().IsMatch(names[0]) || !names.Skip(1).All(part => PrefixPart().IsMatch(part)))
            return null;

        var container = new Uri(uri, inPath ? $"/{account}/{names[0]}" : $"/{names[0]}");
        return new BlobAddress(account, container, string.Concat(names.Skip(1).Select(part => part + "/")));
    }

    /// <summary>The same container, with a longer prefix.</summary>
    public BlobAddress Below(string folder) => new(Account, Container, $"{Prefix}{folder}/");

    /// <summary>The address without anything that is secret.</summary>
    public override string ToString() => $"{Container.AbsoluteUri}/{Prefix}".TrimEnd('/');

    // learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
    [GeneratedRegex("^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ContainerName();

    [GeneratedRegex("^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PrefixPart();
}
