using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace StatefulDeploy.Routers.PgBouncer;

/// <summary>Something inside this process that lets everybody sign in, answers every command as a console that has done it, and does nothing.</summary>
internal sealed class PgBouncerStandIn : IDisposable
{
    private static readonly byte[] Welcome = [(byte)'R', 0, 0, 0, 8, 0, 0, 0, 0, (byte)'Z', 0, 0, 0, 5, (byte)'I'];
    private static readonly byte[] Done = [(byte)'C', 0, 0, 0, 5, 0, (byte)'Z', 0, 0, 0, 5, (byte)'I'];

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public PgBouncerStandIn()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Its address.</summary>
    public string Address => ((IPEndPoint)_listener.LocalEndpoint).ToString();

    public void Dispose() => _listener.Dispose();

    private static async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                await SkipAsync(stream, kind: false);
                await stream.WriteAsync(Welcome);
                while (true)
                {
                    await SkipAsync(stream, kind: true);
                    await stream.WriteAsync(Done);
                }
            }
            catch (Exception exception) when (exception is SocketException or IOException or ObjectDisposedException)
            {
                // The rehearsal is over.
            }
        }
    }

    private static async Task SkipAsync(NetworkStream stream, bool kind)
    {
        var head = new byte[kind ? 5 : 4];
        await stream.ReadExactlyAsync(head);
        await stream.ReadExactlyAsync(new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(head.Length - 4)) - 4]);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The rehearsal is over.
        }
    }
}
