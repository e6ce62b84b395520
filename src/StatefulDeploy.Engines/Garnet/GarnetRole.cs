using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>The answer to <c>ROLE</c>, the cheapest way to a position.</summary>
/// <param name="IsPrimary">Whether it is a primary.</param>
/// <param name="Offset">A primary's end of its log; of a replica, the end of what it has <em>applied</em>, not of what it has received (seen: its log runs ahead of it while it replays).</param>
internal sealed record GarnetRole(bool IsPrimary, long Offset)
{
    /// <summary>Asks a node.</summary>
    public static async Task<GarnetRole> AskAsync(RespConnection connection, CancellationToken cancellationToken)
    {
        RespValue reply = await connection.ExecuteAsync(["ROLE"], cancellationToken);
        return reply.Items[0].AsString() == "master"
            ? new GarnetRole(true, reply.Items[1].AsInt64())
            : new GarnetRole(false, reply.Items[4].AsInt64());
    }
}
