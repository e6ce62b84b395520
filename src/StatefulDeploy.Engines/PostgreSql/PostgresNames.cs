using System.Security.Cryptography;
using System.Text;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>The names of what an upgrade makes on the servers.</summary>
internal static class PostgresNames
{
    /// <summary>The schema with our mark and the functions that freeze DDL, in every database.</summary>
    public const string Schema = "statefuldeploy";

    /// <summary>The publication of all tables, in every database of a source.</summary>
    public const string Publication = "statefuldeploy";

    /// <summary>The databases of a cluster that are carried.</summary>
    public const string Databases = "SELECT datname::text FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY 1";

    /// <summary>The subscription in every database of a target.</summary>
    public static string Subscription(ClusterColour target) => $"statefuldeploy_to_{Word(target)}";

    /// <summary>The slot on the source for one database: slots are named once in a whole server, in at most 63 of a-z, 0-9 and _.</summary>
    public static string Slot(ClusterColour target, string database) =>
        SlotPrefix(target) + $"{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(database))).ToLowerInvariant()[..16]}";

    /// <summary>What the names of all slots for a target begin with.</summary>
    public static string SlotPrefix(ClusterColour target) => $"statefuldeploy_to_{Word(target)}_";

    private static string Word(ClusterColour colour) => colour == ClusterColour.Blue ? "blue" : "green";
}
