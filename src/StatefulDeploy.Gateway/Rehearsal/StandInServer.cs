using System.Net;
using System.Net.Sockets;
using System.Text;
using StatefulDeploy.Gateway.Requests;
using StatefulDeploy.Model;

namespace StatefulDeploy.Gateway.Rehearsal;

/// <summary>Something that answers like a server, for the rehearsal: OK to everything; a command that waits is answered when it is told to end.</summary>
internal sealed class StandInServer : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private Socket? _waiting;

    public StandInServer()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Endpoint = new NodeEndpoint("127.0.0.1", ((IPEndPoint)_listener.LocalEndPoint!).Port);
        _ = AcceptAsync();
    }

    public NodeEndpoint Endpoint { get; }

    public bool IsWaited => _waiting is not null;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptAsync());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The rehearsal is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        {
            var buffer = new byte[4096];
            try
            {
                for (int read; (read = await client.ReceiveAsync(buffer)) > 0;)
                    Answer(client, buffer.AsSpan(0, read));
            }
            catch (SocketException)
            {
                // The rehearsal is over.
            }
        }
    }

    private void Answer(Socket client, ReadOnlySpan<byte> requests)
    {
        while (requests.Length > 0 && RequestParser.Parse(requests, out var head) == RequestParse.Whole)
        {
            if (Ascii.EqualsIgnoreCase(head.Name, "BLPOP"u8))
            {
                _waiting = client;
            }
            else if (Ascii.EqualsIgnoreCase(head.Second, "UNBLOCK"u8))
            {
                var waiting = Interlocked.Exchange(ref _waiting, null);
                waiting?.Send("*-1\r\n"u8);
                client.Send(waiting is null ? ":0\r\n"u8 : ":1\r\n"u8);
            }
            else
            {
                client.Send(Ascii.EqualsIgnoreCase(head.Second, "ID"u8) ? ":1\r\n"u8 : "+OK\r\n"u8);
            }

            requests = requests[head.Length..];
        }
    }
}
