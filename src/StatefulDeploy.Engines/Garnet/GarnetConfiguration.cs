using System.Text.Json;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>The configuration file with which we start a node. It holds the link's password, so only its owner may read it.</summary>
internal static class GarnetConfiguration
{
    /// <summary>Settings of a node that are ours and not Garnet's.</summary>
    private static readonly HashSet<string> Ours = new(StringComparer.Ordinal) { GarnetAclFile.Setting };

    // Garnet's own defaults are for a machine that is all its own: 16 GB of memory. RandomAccess needs no native library.
    // The AOF's page must be at least twice the log's, and its memory twice that.
    private static readonly Dictionary<string, object> Defaults = new(StringComparer.Ordinal)
    {
        ["LogMemorySize"] = "256m",
        ["PageSize"] = "4m",
        ["IndexMemorySize"] = "16m",
        ["AofMemorySize"] = "64m",
        ["AofPageSize"] = "16m",
        ["DeviceType"] = "RandomAccess",
        ["GossipDelay"] = 1,
        ["EnableLua"] = true,
        ["QuietMode"] = true,
    };

    /// <summary>Where a node's file lies.</summary>
    public static string Locate(string folder) => Path.Combine(folder, "garnet.conf");

    /// <summary>The text of a node's file.</summary>
    /// <param name="node">The node; its settings are Garnet's, by the names of its configuration file.</param>
    /// <param name="folder">The node's folder.</param>
    /// <param name="access">Our users.</param>
    /// <param name="recover">Whether it takes up the data in its folder.</param>
    public static string Write(Node node, string folder, GarnetAccess access, bool recover)
    {
        Dictionary<string, object> settings = new(Defaults, StringComparer.Ordinal);
        foreach ((string name, string value) in node.Settings.Where(setting => !Ours.Contains(setting.Key)))
        {
            settings[name] = Typed(value);
        }

        settings["Address"] = node.Endpoint.Host;
        settings["Port"] = node.Endpoint.Port;
        settings["CheckpointDir"] = folder;
        settings["EnableCluster"] = true;
        settings["EnableAOF"] = true;
        settings["AuthenticationMode"] = "ACL";
        settings["AclFile"] = GarnetAclFile.Locate(node)!;
        settings["ProtectedMode"] = "No";
        settings["Recover"] = recover;

        // The proof that no session has escaped the ACL: see GarnetStraySessions.
        settings["CommandStatsMonitor"] = true;
        settings["ClusterUsername"] = GarnetAccess.LinkName(node.Colour);
        settings["ClusterPassword"] = access.LinkPassword(node.Colour);
        return JsonSerializer.Serialize(settings);
    }

    private static object Typed(string value) => value switch
    {
        _ when bool.TryParse(value, out bool truth) => truth,
        _ when int.TryParse(value, out int number) => number,
        _ => value,
    };
}
