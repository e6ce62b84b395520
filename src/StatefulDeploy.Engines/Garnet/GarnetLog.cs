using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>What a node's log (AOF) still holds.</summary>
internal static class GarnetLog
{
    // The first address of a log that was never shortened.
    private const long First = 64;

    /// <summary>
    /// Whether the log goes back to the very first write, so that a replica is made of it alone, which is exact. A replica that begins with a
    /// checkpoint is not: of the writes at the moment when the checkpoint was taken some may be applied twice (seen from 2.2.2 to 2.2.8 in one
    /// copy of five under 32 writers: RPUSH and APPEND; never in copies from the log, nor from a checkpoint that was taken in a quiet moment).
    /// </summary>
    public static async Task<bool> IsCompleteAsync(RespConnection connection, CancellationToken cancellationToken)
    {
        GarnetInfo persistence = await connection.InfoAsync("persistence", cancellationToken);
        GarnetInfo replication = await connection.InfoAsync("replication", cancellationToken);
        return persistence.Number("BeginAddress") == First && replication.Number("store_current_safe_aof_address") == 0 && replication.Number("store_recovered_safe_aof_address") == 0;
    }
}
