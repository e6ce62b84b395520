using System.Net.Sockets;
using StatefulDeploy.Model;

namespace StatefulDeploy.Routers.Instances;

/// <summary>The control address of a router: host:port, or the path of a Unix socket.</summary>
internal static class ControlSocket
{
    /// <summary>Connects to it.</summary>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    public static async Task<NetworkStream> ConnectAsync(string address, CancellationToken cancellationToken)
    {
        var file = address.Contains('/', StringComparison.Ordinal);
        Socket socket = file ? new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (file)
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(address), cancellationToken);
            else if (NodeEndpoint.Parse(address) is var endpoint)
                await socket.ConnectAsync(endpoint.Host, endpoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
