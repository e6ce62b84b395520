namespace StatefulDeploy.Model;

/// <summary>
/// A shard as a service of its own, when it has a router of its own: it is switched in a window of its own, with its own journal and guard.
/// It is named by the service file and the shard, such as <c>orders.yaml#a</c>, wherever a service file is named.
/// </summary>
public static class ServicePart
{
    private const char Mark = '#';
    private const string Folder = "shards";

    /// <summary>The shards of a service as services of their own, in their order.</summary>
    /// <param name="whole">The service.</param>
    /// <param name="routers">What clients of each shard connect to, by shard name.</param>
    public static IReadOnlyList<ServiceDescription> Of(ServiceDescription whole, IReadOnlyDictionary<string, RouterDescription> routers)
    {
        var parts = new List<ServiceDescription>();
        var port = whole.Green.BasePort;
        foreach (var shard in whole.Blue.Shards)
        {
            parts.Add(whole with
            {
                Name = $"{whole.Name}-{shard.Name}",
                Shard = shard.Name,
                Path = PathOf(whole.Path, shard.Name),
                Blue = whole.Blue with { Shards = [shard] },
                Green = whole.Green with { Shards = [.. whole.Green.Shards.Where(green => green.Name == shard.Name)], BasePort = port },
                Router = routers[shard.Name],
                Volumes = [.. whole.Volumes.Where(volume => shard.Nodes.Any(node => node.Name == volume.Node))],
                StateDirectory = FolderOf(whole.StateDirectory, shard.Name),
                SharedJournal = whole.SharedJournal is { } shared ? shared with { Address = $"{shared.Address.TrimEnd('/')}/{Folder}/{shard.Name}" } : null,
                GuardDirectory = FolderOf(whole.GuardDirectory, shard.Name),
            });
            port += shard.Nodes.Count;
        }

        return parts;
    }

    /// <summary>How a shard is named: <c>orders.yaml#a</c>.</summary>
    public static string PathOf(string file, string shard) => $"{file}{Mark}{shard}";

    /// <summary>A shard's own folder in one of the service's.</summary>
    public static string FolderOf(string folder, string shard) => Path.Combine(folder, Folder, shard);

    /// <summary>The file and the shard that a path names; no shard when it names the service, or a file that has the mark in its name.</summary>
    public static (string File, string? Shard) Split(string path)
    {
        var mark = path.LastIndexOf(Mark);
        return mark <= path.LastIndexOf('/') + 1 || File.Exists(path) ? (path, null) : (path[..mark], path[(mark + 1)..]);
    }
}
