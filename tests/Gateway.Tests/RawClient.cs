using System.Net;
using System.Net.Sockets;
using System.Text;

namespace StatefulDeploy.Gateway.Tests;

/// <summary>A client in the hands of the test, byte by byte.</summary>
internal sealed class RawClient : IAsyncDisposable
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    private RawClient(Socket socket)
    {
        Socket = socket;
    }

    public Socket Socket { get; }

    public static async Task<RawClient> ConnectAsync(int port, int receiveBuffer = 0)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer > 0)
            socket.ReceiveBufferSize = receiveBuffer;

        await socket.ConnectAsync(IPAddress.Loopback, port);
        return new RawClient(socket);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        using var deadline = new CancellationTokenSource(Within);
        while (bytes.Length > 0)
            bytes = bytes[await Socket.SendAsync(bytes, SocketFlags.None, deadline.Token)..];
    }

    /// <summary>Reads so many bytes, or fewer if the other side closes.</summary>
    public async Task<string> ReadAsync(int count)
    {
        using var deadline = new CancellationTokenSource(Within);
        var buffer = new byte[count];
        var have = 0;
        while (have < count)
        {
            var read = await Socket.ReceiveAsync(buffer.AsMemory(have), SocketFlags.None, deadline.Token);
            if (read == 0)
                break;

            have += read;
        }

        return Encoding.Latin1.GetString(buffer, 0, have);
    }

    /// <summary>Reads until the other side closes.</summary>
    public Task<string> ReadToEndAsync() => ReadAsync(64 * 1024);

    public ValueTask DisposeAsync()
    {
        Socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
