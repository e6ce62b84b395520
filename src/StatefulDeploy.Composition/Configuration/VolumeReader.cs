using System.Text.RegularExpressions;
using StatefulDeploy.Model;

namespace StatefulDeploy.Composition.Configuration;

/// <summary>Reads the volumes of a service.</summary>
/// <param name="providers">The kinds of volumes that there are.</param>
/// <param name="nodes">The nodes of blue.</param>
internal sealed partial class VolumeReader(IReadOnlyList<string> providers, IReadOnlyList<Node> nodes)
{
    private static readonly Dictionary<string, string> FileSystems = new(StringComparer.Ordinal) { ["ext4"] = "ext4", ["xfs"] = "xfs" };

    // What only one kind of volume has.
    private static readonly Dictionary<string, IReadOnlyList<string>> OwnKeys = new(StringComparer.Ordinal)
    {
        ["image"] = ["image"],
        ["command"] = ["attach", "detach"],
        ["azure"] = ["disk"],
    };

    // And what it may have.
    private static readonly Dictionary<string, IReadOnlyList<string>> OptionalKeys = new(StringComparer.Ordinal) { ["azure"] = ["caching"] };

    // Azure's own words.
    private static readonly Dictionary<string, string> Caching = new(StringComparer.Ordinal) { ["None"] = "None", ["ReadOnly"] = "ReadOnly", ["ReadWrite"] = "ReadWrite" };

    public IReadOnlyList<VolumeDescription> Read(YamlValue list)
    {
        var read = new List<VolumeDescription>();
        foreach (var section in list.Items().Select(item => item.Section(SectionKeys.Volume)))
        {
            var volume = Read(section);
            RequireOwn(section, "name", volume.Name, read.Select(other => other.Name));
            RequireOwn(section, "node", volume.Node, read.Select(other => other.Node));
            RequireOwn(section, "uuid", volume.Uuid, read.Select(other => other.Uuid));
            read.Add(volume);
        }

        return read;
    }

    private VolumeDescription Read(YamlSection section)
    {
        var provider = section["provider"]?.OneOf(providers.ToDictionary(name => name, StringComparer.Ordinal)) ?? "device";
        RequireKeysOf(provider, section);
        var mountPoint = section.Required("mountPoint").FullPath();
        return new VolumeDescription
        {
            Name = section.Required("name").Text(),
            Node = ReadNode(section.Required("node"), mountPoint),
            Uuid = ReadUuid(section.Required("uuid")),
            FileSystem = section.Required("filesystem").OneOf(FileSystems),
            MountPoint = mountPoint,
            Options = section["options"]?.Text(),
            Provider = provider,
            Id = section["id"]?.Text(),
            Image = section["image"]?.FullPath(),
            Disk = section["disk"]?.Text(),
            Caching = section["caching"]?.OneOf(Caching),
            Slot = section["slot"]?.Number(0, 4095),
            Attach = section["attach"] is { } attach ? CommandLine.Read(attach) : [],
            Detach = section["detach"] is { } detach ? CommandLine.Read(detach) : [],
            NetworkAttached = section["networkAttached"]?.Flag() ?? false,
        };
    }

    private string ReadNode(YamlValue value, string mountPoint)
    {
        var node = nodes.FirstOrDefault(node => node.Name == value.Text())
            ?? throw value.Place.Error("NodeNotInCluster", $"There is no node '{value.Text()}'.{NearestName.Question(value.Text(), [.. nodes.Select(node => node.Name)])}", $"Use one of: {string.Join(", ", nodes.Select(node => node.Name))}.");
        return node.DataDirectory is null || node.DataDirectory == mountPoint || node.DataDirectory.StartsWith(mountPoint + "/", StringComparison.Ordinal)
            ? node.Name
            : throw value.Place.Error("DataNotOnVolume", $"The data of node '{node.Name}' lies in '{node.DataDirectory}', which is not on a volume mounted at '{mountPoint}'.", "Correct 'mountPoint', or the node's 'dataDirectory'.");
    }

    // As it is compared: blkid tells the UUIDs of ext4 and xfs in lower case.
    private static string ReadUuid(YamlValue value) => UuidPattern().IsMatch(value.Text())
        ? value.Text().ToLowerInvariant()
        : throw value.Wrong(value.Text(), "the UUID of the file system as blkid tells it, such as 2f8d6f0e-5a9c-4d55-9a4c-0d9a6c1f7b21; never a device such as /dev/sdb");

    private static void RequireKeysOf(string provider, YamlSection section)
    {
        foreach (var key in OwnKeys.GetValueOrDefault(provider) ?? [])
            section.Required(key);

        foreach (var (kind, keys) in OwnKeys.Concat(OptionalKeys).Where(own => own.Key != provider))
        {
            if (keys.Select(key => section[key]).FirstOrDefault(value => value is not null) is { } stray)
                throw stray.Place.Error("ConflictingKeys", $"The key belongs to volumes of the kind '{kind}', and this one is of the kind '{provider}'.", $"Remove it, or set 'provider: {kind}'.");
        }
    }

    private static void RequireOwn(YamlSection section, string key, string value, IEnumerable<string> others)
    {
        if (others.Contains(value, StringComparer.Ordinal))
            throw section.Required(key).Place.Error("DuplicateName", $"There are two volumes with the {key} '{value}'.", $"Give every volume a {key} of its own.");
    }

    [GeneratedRegex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex UuidPattern();
}
