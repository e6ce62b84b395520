namespace StatefulDeploy.Gateway.Links;

/// <summary>A link over a stream, as TLS is. One task receives and one sends.</summary>
internal sealed class StreamLink : Link
{
    private readonly Stream _stream;
    private int _count;
    private Exception? _error;

    public StreamLink(Stream stream, object gate)
        : base(gate)
    {
        _stream = stream;
    }

    public override void Send(ReadOnlySpan<byte> data)
    {
        if (IsClosed || IsBroken || data.IsEmpty)
            return;

        Outbound.Append(data);
        if (!Outbound.IsSending)
            _ = SendOnAsync(Outbound.Next());
    }

    protected override bool TryReceive(byte[] buffer, int offset, int count)
    {
        var reading = ReadAsync(buffer, offset, count);
        if (reading.IsCompleted)
            return true;

        _ = ContinueAsync(reading);
        return false;
    }

    protected override (int Count, Exception? Error) Received() => (_count, _error);

    protected override void Shutdown() => _stream.Dispose();

    protected override void Close() => _stream.Dispose();

    private async Task ReadAsync(byte[] buffer, int offset, int count)
    {
        _count = 0;
        try
        {
            _count = await _stream.ReadAsync(buffer.AsMemory(offset, count));
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            _error = exception;
        }
    }

    private async Task ContinueAsync(Task reading)
    {
        await reading;
        if (Complete())
            Receive();
    }

    private async Task SendOnAsync(ArraySegment<byte> part)
    {
        // The caller holds the owner's lock: encryption happens after it.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (part.Count > 0)
        {
            try
            {
                await _stream.WriteAsync(part);
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
            {
                lock (Gate)
                    SendFailed();

                return;
            }

            lock (Gate)
            {
                part = Outbound.Next();
                if (part.Count == 0)
                    Sent();
            }
        }
    }
}
