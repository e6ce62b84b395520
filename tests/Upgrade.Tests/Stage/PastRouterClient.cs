using System.Net;
using StatefulDeploy.Load.Redis;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>A client of a Redis or Garnet that goes past the router.</summary>
internal sealed class PastRouterClient(string side, Func<CancellationToken, Task<RespSocket>> connect, TimeSpan pause) : PastClient(side, pause)
{
    /// <summary>The connection as an account to one server.</summary>
    public static Func<CancellationToken, Task<RespSocket>> To(IPEndPoint server, string? user, string? password) => async token =>
    {
        var socket = await RespSocket.ConnectAsync(server, token);
        if (password is not null)
        {
            socket.Request(user is null ? ["AUTH", password] : ["AUTH", user, password]);
            await socket.SendAsync(token);
            await socket.ReadAsync(token);
        }

        return socket;
    };

    protected override async Task<IPastSession> OpenAsync(CancellationToken stop) => new PastSession(Side, await connect(stop));

    protected override bool IsExpected(Exception error) => error is IOException;

    private sealed class PastSession(string side, RespSocket socket) : IPastSession
    {
        public async Task<bool> IsAcceptedAsync(string key, bool inTransaction, CancellationToken stop)
        {
            if (inTransaction)
            {
                socket.Request("MULTI");
            }

            socket.Request("SET", key, side);
            if (inTransaction)
            {
                socket.Request("EXEC");
            }

            await socket.SendAsync(stop);
            for (var skip = inTransaction ? 2 : 0; skip > 0; skip--)
            {
                await socket.ReadAsync(stop);
            }

            var reply = await socket.ReadAsync(stop);
            return reply.Type != RespType.Error && reply.Items?.Any(item => item.Type == RespType.Error) != true;
        }

        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
