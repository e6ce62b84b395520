using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis.Relay;

/// <summary>
/// Blue, which follows this relay as if it were its primary. As a replica it neither expires nor evicts keys by itself: only so does it stay the
/// same as green, whose stream says when a key ends.
/// </summary>
internal sealed class RelayedReplica : IAsyncDisposable
{
    private static readonly byte[] AskForAcknowledgement = "*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n"u8.ToArray();

    private readonly NetworkStream _stream;
    private readonly Channel<long> _acknowledged = Channel.CreateUnbounded<long>();
    private byte[] _buffer = new byte[4096];
    private int _length;
    private long _sent;

    private RelayedReplica(Socket socket)
    {
        socket.NoDelay = true;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Whether the replica asked for a full copy, which cannot be given: it must become a primary and a replica again.</summary>
    public bool WantsFullCopy { get; private set; }

    /// <summary>Waits for blue's connection and answers its handshake up to PSYNC, which is not answered yet.</summary>
    /// <param name="listener">Where blue was sent to.</param>
    /// <param name="replicationId">Blue's own history, which nobody else knows: whoever asks for another one is not blue, and is sent away.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<RelayedReplica> AcceptAsync(TcpListener listener, string replicationId, CancellationToken cancellationToken)
    {
        while (true)
        {
            RelayedReplica replica = new(await listener.AcceptSocketAsync(cancellationToken));
            try
            {
                if (await replica.ShakeHandsAsync(replicationId, cancellationToken))
                {
                    return replica;
                }
            }
            catch (Exception exception) when (exception is IOException or RespProtocolException)
            {
                // It went away in the middle: blue comes again.
            }

            await replica.DisposeAsync();
        }
    }

    /// <summary>Ends, with the reason, when blue closes the link.</summary>
    public Task Gone => _acknowledged.Reader.Completion;

    /// <summary>Lets blue go on from where it is, under a history of its own that no other server shares.</summary>
    public async Task ContinueAsync(string replicationId, CancellationToken cancellationToken)
    {
        await AnswerAsync($"+CONTINUE {replicationId}\r\n", cancellationToken);
        _ = ReadAcknowledgementsAsync(cancellationToken);
    }

    /// <summary>Sends a batch and waits until blue has applied all of it.</summary>
    /// <exception cref="IOException">Blue closed the link: it may have applied the batch or not.</exception>
    public async Task ApplyAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync((byte[])[.. batch.Span, .. AskForAcknowledgement], cancellationToken);

        // The answer says how far blue was before it read the question: to wait for the question too is to wait for the next answer, a second later.
        long applied = _sent + batch.Length;
        _sent = applied + AskForAcknowledgement.Length;
        try
        {
            while (await _acknowledged.Reader.ReadAsync(cancellationToken) < applied)
            {
            }
        }
        catch (ChannelClosedException exception)
        {
            throw new IOException("Blue closed the link to the relay.", exception);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task<bool> ShakeHandsAsync(string replicationId, CancellationToken cancellationToken)
    {
        while (true)
        {
            RespCommand command = await ReadAsync(cancellationToken);
            switch (command.Name)
            {
                case "PING":
                    await AnswerAsync("+PONG\r\n", cancellationToken);
                    break;
                case "PSYNC" when Word(command, 1) == "?":
                    WantsFullCopy = true;
                    return true;
                case "PSYNC":
                    _sent = long.Parse(Word(command, 2)) - 1;
                    return Word(command, 1) == replicationId;
                case "AUTH" or "REPLCONF" or "CLIENT":
                    await AnswerAsync("+OK\r\n", cancellationToken);
                    break;
                default:
                    return false;
            }
        }
    }

    // They come about once a second, and when they are asked for.
    private async Task ReadAcknowledgementsAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                RespCommand command = await ReadAsync(cancellationToken);
                if (command.Count > 2 && command.Name == "REPLCONF" && Word(command, 1) == "ACK")
                {
                    _acknowledged.Writer.TryWrite(long.Parse(Word(command, 2)));
                }
            }
        }
        catch (Exception exception)
        {
            _acknowledged.Writer.TryComplete(exception is IOException ? exception : new IOException("The link to blue broke.", exception));
        }
    }

    private async Task<RespCommand> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (RespCommandReader.TryRead(_buffer.AsSpan(0, _length), out RespCommand? command, out int consumed))
            {
                _buffer.AsSpan(consumed, _length - consumed).CopyTo(_buffer);
                _length -= consumed;
                return command!;
            }

            if (_length == _buffer.Length)
            {
                Array.Resize(ref _buffer, _buffer.Length * 2);
            }

            int read = await _stream.ReadAsync(_buffer.AsMemory(_length), cancellationToken);
            _length += read > 0 ? read : throw new IOException("Blue closed the link to the relay.");
        }
    }

    private async Task AnswerAsync(string line, CancellationToken cancellationToken) => await _stream.WriteAsync(Encoding.ASCII.GetBytes(line), cancellationToken);

    private static string Word(RespCommand command, int index) => Encoding.ASCII.GetString(command[index].Bytes.Span);
}
