using System.Net.Sockets;

namespace StatefulDeploy.Routers.Gateway;

/// <summary>Something inside this process that answers every command as a gateway that has done it, and does nothing.</summary>
internal sealed class GatewayStandIn : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public GatewayStandIn()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Admin));
        _listener.Listen();
        _ = ServeAsync();
    }

    /// <summary>The name of its admin socket: no file (unix(7), "abstract"), so that no path is too long for it and nothing is left.</summary>
    public string Admin { get; } = $"\0statefuldeploy-{Guid.NewGuid():N}";

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            await using var stream = new NetworkStream(await _listener.AcceptAsync(), ownsSocket: true);
            using var reader = new StreamReader(stream);
            while (await reader.ReadLineAsync() is not null)
                await stream.WriteAsync("{\"ok\":true,\"epoch\":1,\"notReady\":0,\"notMoved\":0}\n"u8.ToArray());
        }
        catch (Exception exception) when (exception is SocketException or IOException or ObjectDisposedException)
        {
            // The rehearsal is over.
        }
    }
}
