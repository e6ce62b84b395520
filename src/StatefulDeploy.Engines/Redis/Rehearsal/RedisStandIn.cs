using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis.Rehearsal;

/// <summary>Something inside this process that answers the acts of the window as a closed server would, and does nothing.</summary>
internal sealed class RedisStandIn : IDisposable
{
    private const string Info = "role:master\r\nmaster_replid:0000000000000000000000000000000000000000\r\nmaster_repl_offset:0\r\nblocked_clients:1\r\n";

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public RedisStandIn()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Endpoint = new NodeEndpoint("127.0.0.1", ((IPEndPoint)_listener.LocalEndPoint!).Port);
        _ = AcceptAsync();
    }

    public NodeEndpoint Endpoint { get; }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The rehearsal is over.
        }
    }

    private static async Task ServeAsync(Socket client)
    {
        using (client)
        {
            byte[] buffer = new byte[64 * 1024];
            int have = 0;
            int queued = -1;
            try
            {
                for (int read; (read = await client.ReceiveAsync(buffer.AsMemory(have))) > 0;)
                {
                    have += read;
                    int used = 0;
                    while (RespCommandReader.TryRead(buffer.AsSpan(used, have - used), out RespCommand? command, out int length))
                    {
                        used += length;
                        await client.SendAsync(Encoding.ASCII.GetBytes(Answer(command!, ref queued)));
                    }

                    buffer.AsSpan(used, have - used).CopyTo(buffer);
                    have -= used;
                }
            }
            catch (Exception exception) when (exception is SocketException or RespProtocolException)
            {
                // The rehearsal is over, or says what no stand-in understands: its end of the connection tells.
            }
        }
    }

    private static string Answer(RespCommand command, ref int queued)
    {
        string name = command.Name;
        if (name == "EXEC")
        {
            string done = $"*{queued}\r\n{string.Concat(Enumerable.Repeat("+OK\r\n", queued))}";
            queued = -1;
            return done;
        }

        if (queued >= 0)
        {
            queued++;
            return "+QUEUED\r\n";
        }

        return (name, Word(command, 1)) switch
        {
            ("MULTI", _) => Begin(out queued),
            ("INFO", _) => Bulk(Info),
            ("ROLE", _) => $"*3\r\n{Bulk("master")}:0\r\n*0\r\n",
            ("COMMAND", _) => "*0\r\n",
            ("SET", _) => "-NOPERM a stand-in takes no writes\r\n",
            ("DEL", _) => ":0\r\n",
            ("RENAME", _) => "-ERR no such key\r\n",
            ("ACL", "LIST") => $"*1\r\n{Bulk("user default on nopass ~* &* +@all")}",
            ("ACL", "USERS") => $"*1\r\n{Bulk("default")}",
            ("ACL", "DRYRUN") => Bulk("not permitted"),
            ("CLIENT", "ID") => ":1\r\n",
            ("CLIENT", "LIST") => Bulk("id=2 name= flags=b cmd=blpop\n"),
            ("PING", _) => "+PONG\r\n",
            _ => "+OK\r\n",
        };
    }

    private static string Begin(out int queued)
    {
        queued = 0;
        return "+OK\r\n";
    }

    private static string Word(RespCommand command, int index) =>
        index < command.Count ? Encoding.ASCII.GetString(command[index].Bytes.Span).ToUpperInvariant() : string.Empty;

    private static string Bulk(string text) => string.Create(CultureInfo.InvariantCulture, $"${text.Length}\r\n{text}\r\n");
}
