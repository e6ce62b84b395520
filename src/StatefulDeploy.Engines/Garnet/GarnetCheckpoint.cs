using StatefulDeploy.Contracts;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>A checkpoint of all data on a node's own disk, taken while it serves.</summary>
internal static class GarnetCheckpoint
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Deadline = TimeSpan.FromHours(1);

    /// <summary>Takes one and returns when it is complete.</summary>
    public static async Task TakeAsync(RespConnection connection, EngineContext context, CancellationToken cancellationToken)
    {
        long before = (await connection.ExecuteAsync(["LASTSAVE"], cancellationToken)).AsInt64();

        // LASTSAVE counts whole seconds.
        await GarnetWait.UntilAsync(_ => Task.FromResult(context.Clock.GetUtcNow().ToUnixTimeSeconds() > before), TimeSpan.FromSeconds(2), Interval, context.Clock, cancellationToken);
        await GarnetWait.DemandAsync(
            async token => !(await connection.SendAsync(["BGSAVE"], token)).IsError,
            Deadline, Interval, context.Clock, "another checkpoint had not ended", cancellationToken);
        await GarnetWait.DemandAsync(
            async token => (await connection.ExecuteAsync(["LASTSAVE"], token)).AsInt64() > before,
            Deadline, Interval, context.Clock, "the checkpoint had not ended", cancellationToken);
    }
}
