using StatefulDeploy.Gateway.Sessions;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Gateway.Admin;

/// <summary>The commands of clients that wait on a server, such as BLPOP, and stand in the way of a switch.</summary>
internal sealed class BlockedWaits(GatewayServer server, ControlChannel control) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>
    /// Ends what waits, each once: on Garnet (2.2.2 and 2.2.8) to end a wait that is already ending makes the connection's next wait swallow what is pushed.
    /// </summary>
    public async Task EndAsync(SessionGoal goal, NodeEndpoint endpoint, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        List<(Session Session, long Id)> waiting = [];
        try
        {
            waiting.AddRange(server.Sessions.Select(session => (session, session.TakeUnblockId(goal, endpoint))).Where(one => one.Item2 != 0));
            if (waiting.Count == 0)
                return;

            // Before the fence alone: past it nothing may be written there, and nothing is on its way.
            if (goal == SessionGoal.Drained && control.DeliversLate(endpoint))
                await control.AwaitDeliveryAsync(endpoint, cancellationToken);

            var replies = await control.UnblockAsync(endpoint, [.. waiting.Select(one => one.Id)], cancellationToken);
            waiting = [.. waiting.Zip(replies).Where(pair => pair.Second.IsError || pair.Second.AsInt64() == 0).Select(pair => pair.First)];
        }
        catch (Exception exception) when (exception is IOException or RespServerException or TimeoutException)
        {
            // Those that wait go on waiting, and the drain that needs them ended fails with its own error.
        }
        finally
        {
            foreach (var (session, id) in waiting)
                session.NotUnblocked(id);

            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
