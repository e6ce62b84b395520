using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace StatefulDeploy.Load.Redis;

/// <summary>A plain socket, requests collected and sent together, replies read one after the other.</summary>
internal sealed class RespSocket : IDisposable
{
    private readonly Socket _socket;
    private readonly ArrayBufferWriter<byte> _requests = new(512);
    private byte[] _received = new byte[4096];
    private int _start;
    private int _end;

    private RespSocket(Socket socket) => _socket = socket;

    public static async Task<RespSocket> ConnectAsync(EndPoint server, CancellationToken cancellationToken)
    {
        var socket = server is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server, cancellationToken);
            return new RespSocket(socket);
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw new IOException($"No connection to {server}: {error.Message}", error);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Begins a request of so many arguments.</summary>
    public void Begin(int arguments) => Header('*', arguments);

    public void Argument(ReadOnlySpan<byte> value)
    {
        Header('$', value.Length);
        _requests.Write(value);
        _requests.Write("\r\n"u8);
    }

    public void Argument(string value)
    {
        Header('$', Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, _requests);
        _requests.Write("\r\n"u8);
    }

    public void Request(params ReadOnlySpan<string> arguments)
    {
        Begin(arguments.Length);
        foreach (var argument in arguments)
        {
            Argument(argument);
        }
    }

    public async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        try
        {
            var rest = _requests.WrittenMemory;
            while (rest.Length > 0)
            {
                rest = rest[await _socket.SendAsync(rest, SocketFlags.None, cancellationToken)..];
            }

            _requests.ResetWrittenCount();
        }
        catch (SocketException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    public async ValueTask<RespReply> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryTake(out var reply))
            {
                return reply;
            }

            await ReceiveAsync(cancellationToken);
        }
    }

    public void Dispose() => _socket.Dispose();

    private bool TryTake(out RespReply reply)
    {
        if (_start == _end)
        {
            reply = default;
            return false;
        }

        var parser = new RespParser(_received.AsMemory(_start, _end - _start));
        if (!parser.TryRead(out reply))
        {
            return false;
        }

        _start += parser.Consumed;
        return true;
    }

    private async ValueTask ReceiveAsync(CancellationToken cancellationToken)
    {
        MakeRoom();
        try
        {
            var count = await _socket.ReceiveAsync(_received.AsMemory(_end), SocketFlags.None, cancellationToken);
            _end += count > 0 ? count : throw new IOException("The other side closed the connection.");
        }
        catch (SocketException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _received.AsSpan(_start, _end - _start).CopyTo(_received);
            _end -= _start;
            _start = 0;
        }

        if (_end == _received.Length)
        {
            Array.Resize(ref _received, _received.Length * 2);
        }
    }

    private void Header(char mark, int count)
    {
        var span = _requests.GetSpan(16);
        span[0] = (byte)mark;
        count.TryFormat(span[1..], out var digits, default, CultureInfo.InvariantCulture);
        "\r\n"u8.CopyTo(span[(digits + 1)..]);
        _requests.Advance(digits + 3);
    }
}
