using System.Buffers;

namespace StatefulDeploy.Protocols.Resp;

/// <summary>The commands a primary sends to a replica. One reader and one writer may work at the same time.</summary>
public sealed class RespCommandStream : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly RespInput _input;
    private readonly string _endpoint;

    internal RespCommandStream(Stream stream, RespInput input, string endpoint)
    {
        _stream = stream;
        _input = input;
        _endpoint = endpoint;
    }

    /// <summary>Reads the next command.</summary>
    /// <param name="cancellationToken">Gives up. What arrived of the command is kept, and the next call goes on with it.</param>
    /// <exception cref="RespConnectionException">The primary closed the stream, or it broke.</exception>
    /// <exception cref="RespProtocolException">What arrived is no command.</exception>
    public async ValueTask<RespStreamedCommand> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _input.ReadCommandAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is (IOException and not RespProtocolException) or ObjectDisposedException)
        {
            throw new RespConnectionException($"The stream from {_endpoint} broke: {exception.Message}", exception);
        }
    }

    /// <summary>Tells the primary how far its stream has been applied: <c>REPLCONF ACK</c>. It sends no answer.</summary>
    /// <param name="offset">The replication offset applied, in bytes.</param>
    /// <param name="cancellationToken">Gives up; the stream must then be disposed.</param>
    /// <exception cref="RespConnectionException">The stream broke.</exception>
    public Task AcknowledgeAsync(long offset, CancellationToken cancellationToken) =>
        WriteAsync(["REPLCONF", "ACK", offset], cancellationToken);

    /// <summary>Sends a command to which no answer comes.</summary>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Gives up; the stream must then be disposed.</param>
    /// <exception cref="RespConnectionException">The stream broke.</exception>
    public async Task WriteAsync(RespCommand command, CancellationToken cancellationToken)
    {
        ArrayBufferWriter<byte> output = new();
        RespWriter.WriteCommand(output, command);
        try
        {
            await _stream.WriteAsync(output.WrittenMemory, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            throw new RespConnectionException($"The stream to {_endpoint} broke: {exception.Message}", exception);
        }
    }

    /// <summary>Closes the stream and its connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _input.Dispose();
    }
}
