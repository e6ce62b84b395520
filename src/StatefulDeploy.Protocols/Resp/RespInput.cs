using System.Buffers;

namespace StatefulDeploy.Protocols.Resp;

/// <summary>The receiving side of a connection: a pooled buffer that grows to the largest value met and is scanned once.</summary>
internal sealed class RespInput : IDisposable
{
    private const int InitialSize = 16 * 1024;
    private const int KeptSize = 1024 * 1024;

    private readonly Stream _stream;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(InitialSize);
    private int _start;
    private int _end;

    // Kept across a cancelled read, so that no byte goes uncounted.
    private long _skipped;

    public RespInput(Stream stream)
    {
        _stream = stream;
    }

    /// <summary>Reads one value; empty lines before it (a primary's sign of life) are passed over.</summary>
    public async ValueTask<RespValue> ReadValueAsync(CancellationToken cancellationToken)
    {
        await SkipEmptyLinesAsync(cancellationToken);
        int length = await FrameLengthAsync(cancellationToken);
        RespValue value = new RespReader(_buffer.AsSpan(_start, length)).Read();
        Advance(length);
        return value;
    }

    /// <summary>Reads one command, and says how many bytes it took with the empty lines before it.</summary>
    public async ValueTask<RespStreamedCommand> ReadCommandAsync(CancellationToken cancellationToken)
    {
        await SkipEmptyLinesAsync(cancellationToken);
        return _buffer[_start] == (byte)'*'
            ? Take(await FrameLengthAsync(cancellationToken), RespCommandReader.Decode)
            : Take(await LineLengthAsync(cancellationToken), RespInlineCommand.Parse);
    }

    public void Dispose()
    {
        byte[] buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private delegate RespCommand Decoder(ReadOnlySpan<byte> bytes);

    private RespStreamedCommand Take(int length, Decoder decode)
    {
        RespCommand command = decode(_buffer.AsSpan(_start, length));
        Advance(length);
        long taken = _skipped + length;
        _skipped = 0;
        return new RespStreamedCommand(command, taken);
    }

    private async ValueTask SkipEmptyLinesAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            int empty = RespCommandReader.SkipEmptyLines(_buffer.AsSpan(_start, _end - _start));
            Advance(empty);
            _skipped += empty;
            if (_end > _start)
            {
                return;
            }

            await FillAsync(cancellationToken);
        }
    }

    private async ValueTask<int> FrameLengthAsync(CancellationToken cancellationToken)
    {
        RespFrameScanner scanner = default;
        int length = 0;
        while (true)
        {
            bool ended = scanner.Scan(_buffer.AsSpan(_start + length, _end - _start - length), out int consumed);
            length += consumed;
            if (ended)
            {
                return length;
            }

            await FillAsync(cancellationToken);
        }
    }

    private async ValueTask<int> LineLengthAsync(CancellationToken cancellationToken)
    {
        int end;
        while ((end = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n')) < 0)
        {
            await FillAsync(cancellationToken);
        }

        return end + 1;
    }

    private void Advance(int count)
    {
        _start += count;
        if (_start != _end)
        {
            return;
        }

        _start = _end = 0;
        if (_buffer.Length > KeptSize)
        {
            // One huge value must not be paid for as long as the connection lives.
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = ArrayPool<byte>.Shared.Rent(InitialSize);
        }
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        MakeRoom();
        int read = await _stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        if (read == 0)
        {
            throw new EndOfStreamException("the server closed it");
        }

        _end += read;
    }

    private void MakeRoom()
    {
        if (_end < _buffer.Length)
        {
            return;
        }

        int held = _end - _start;
        byte[] target = held > _buffer.Length / 2 ? ArrayPool<byte>.Shared.Rent(checked(_buffer.Length * 2)) : _buffer;
        _buffer.AsSpan(_start, held).CopyTo(target);
        if (target != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
        }

        _start = 0;
        _end = held;
    }
}
