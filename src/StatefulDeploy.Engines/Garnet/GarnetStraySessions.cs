using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>Sessions that no ACL rule reaches any more.</summary>
internal static class GarnetStraySessions
{
    private static readonly string[] Makers = ["cmdstat_acl|load", "cmdstat_acl|deluser"];

    /// <summary>Whether a server counts its commands (<c>--commandstats-monitor</c>): our own sign-in at least is among them. The counts begin with the process and cannot be reset.</summary>
    /// <param name="statistics">Its section <c>commandstats</c>.</param>
    public static bool AreCounted(GarnetInfo statistics) => statistics["cmdstat_auth"].Length > 0;

    /// <summary>Whether there could be any.</summary>
    /// <param name="statistics">The server's section <c>commandstats</c>.</param>
    public static bool ArePossible(GarnetInfo statistics) => !AreCounted(statistics) || Makers.Any(maker => statistics[maker].Length > 0);

    /// <summary>Ends every session of a client; also one that signs in as one of our users from elsewhere is no stray, since our users are never deleted.</summary>
    public static async Task EndAsync(RespConnection connection, CancellationToken cancellationToken)
    {
        IReadOnlyList<GarnetClient> clients = await GarnetClient.ListAsync(connection, cancellationToken);
        RespCommand[] kills = [.. clients.Where(client => client.IsOrdinary).Select<GarnetClient, RespCommand>(client => ["CLIENT", "KILL", "ID", client.Id])];
        if (kills.Length > 0)
        {
            await connection.PipelineAsync(kills, cancellationToken);
        }
    }
}
