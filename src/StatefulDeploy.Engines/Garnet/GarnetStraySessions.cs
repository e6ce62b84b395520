using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>Sessions that no ACL rule reaches any more.</summary>
internal static class GarnetStraySessions
{
    private static readonly string[] Makers = ["cmdstat_acl|load", "cmdstat_acl|deluser"];

    /// <summary>Whether there could be any. The counts of <c>--commandstats-monitor</c> begin with the process and cannot be reset.</summary>
    public static async Task<bool> ArePossibleAsync(RespConnection connection, CancellationToken cancellationToken)
    {
        RespValue reply = await connection.SendAsync(["INFO", "COMMANDSTATS"], cancellationToken);
        if (reply.IsError)
        {
            return true;
        }

        GarnetInfo statistics = new(reply.AsString());

        // Our own sign-in at least must have been counted, or nothing is.
        return statistics["cmdstat_auth"].Length == 0 || Makers.Any(maker => statistics[maker].Length > 0);
    }

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
