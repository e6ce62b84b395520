using System.Net.Security;
using System.Net.Sockets;

namespace StatefulDeploy.Protocols.Resp;

/// <summary>Opens the byte stream a connection runs on: TCP, or TLS over it.</summary>
internal static class RespTransport
{
    public static async Task<Stream> OpenAsync(RespConnectionOptions options, CancellationToken cancellationToken)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(options.Host, options.Port, cancellationToken);
            NetworkStream network = new(socket, ownsSocket: true);
            return options.Tls is null ? network : await EncryptAsync(network, options.Tls, options.Host, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<Stream> EncryptAsync(NetworkStream network, RespTlsOptions tls, string host, CancellationToken cancellationToken)
    {
        SslStream stream = new(network);
        await stream.AuthenticateAsClientAsync(RespTls.ClientOptions(tls, host), cancellationToken);
        return stream;
    }
}
