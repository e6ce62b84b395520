using System.Text.RegularExpressions;
using StatefulDeploy.Model;

namespace StatefulDeploy.Composition.Configuration;

/// <summary>Reads the routers of the shards, where each shard has its own.</summary>
internal static partial class ShardRouters
{
    private const int LongestName = 63;

    /// <summary>The routers by shard name; empty when the service has one for its only shard.</summary>
    public static IReadOnlyDictionary<string, RouterDescription> Read(YamlSection service, RouterReader routers, string state)
    {
        var read = new Dictionary<string, RouterDescription>(StringComparer.Ordinal);
        var shards = service["shards"]?.Items().Select(item => item.Section(SectionKeys.Shard)).ToList() ?? [];
        if (shards.Count <= 1 && shards.TrueForAll(shard => shard["router"] is null))
            return read;

        if (service["router"] is { } one)
            throw one.Place.Error("ConflictingKeys", $"One router stands before {shards.Count} shard(s), and it belongs to one.", "Move 'router' into the shards: each has its own, and is switched in a window of its own.");

        foreach (var shard in shards)
        {
            var name = ReadName(shard.Required("name"), service.Required("name").Text());
            read.Add(name, routers.Read(shard.Required("router").Section(SectionKeys.Router), ServicePart.FolderOf(state, name)));
        }

        return read;
    }

    // The name becomes part of a service's, of folders and of a path behind '#'.
    private static string ReadName(YamlValue name, string service) => NamePattern().IsMatch(name.Text()) && service.Length + name.Text().Length < LongestName
        ? name.Text()
        : throw name.Wrong(name.Text(), $"1 to 31 of a-z, 0-9 and '-', a letter or digit first, and with the service's name no more than {LongestName}");

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,30}$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NamePattern();
}
