using System.Globalization;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>A connection as <c>CLIENT LIST</c> tells it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Address">Where it comes from.</param>
/// <param name="Name">What it calls itself; may be empty.</param>
/// <param name="User">Whom it is signed in as.</param>
/// <param name="Flags"><c>N</c> for an ordinary client, <c>P</c> for a subscriber, <c>M</c> and <c>S</c> for nodes of the cluster.</param>
internal sealed record GarnetClient(long Id, string Address, string Name, string User, string Flags)
{
    /// <summary>What the connection of our write probe calls itself; it is signed in as an ordinary client.</summary>
    public const string ProbeName = "statefuldeploy-probe";

    /// <summary>Whether it is neither ours nor another node's.</summary>
    public bool IsOrdinary => Flags is "N" or "P" && !GarnetAccess.OurNames.Contains(User);

    /// <summary>The connections of a node.</summary>
    public static async Task<IReadOnlyList<GarnetClient>> ListAsync(RespConnection connection, CancellationToken cancellationToken)
    {
        string text = (await connection.ExecuteAsync(["CLIENT", "LIST"], cancellationToken)).AsString();
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
    }

    private static GarnetClient Parse(string line)
    {
        Dictionary<string, string> fields = line.Split(' ').Select(part => part.Split('=', 2)).Where(part => part.Length == 2)
            .GroupBy(part => part[0], StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First()[1], StringComparer.Ordinal);
        return new GarnetClient(
            long.Parse(fields["id"], CultureInfo.InvariantCulture),
            fields.GetValueOrDefault("addr", string.Empty),
            fields.GetValueOrDefault("name", string.Empty),
            fields.GetValueOrDefault("user", string.Empty),
            fields.GetValueOrDefault("flags", string.Empty));
    }
}
