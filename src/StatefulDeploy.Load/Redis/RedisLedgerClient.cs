using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Text;

namespace StatefulDeploy.Load.Redis;

/// <summary>Keeps a ledger in strings, counters and lists of a service that speaks RESP.</summary>
internal sealed class RedisLedgerClient(RedisLedgerOptions options, LedgerOptions ledger, TimeProvider time) : ILedgerClient
{
    private const int Page = 1000;

    private readonly byte[] _value = new byte[Math.Max(ledger.ValueSize, 48)];
    private RespSocket? _socket;

    private RespSocket Socket => _socket ?? throw new InvalidOperationException("Connect first.");

    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        var reasons = new List<string>();
        foreach (var server in options.Servers)
        {
            try
            {
                if (await TryConnectAsync(server, cancellationToken))
                {
                    return;
                }

                reasons.Add($"{server} is no primary");
            }
            catch (IOException error)
            {
                reasons.Add(error.Message);
            }
        }

        throw new IOException(string.Join("; ", reasons));
    }

    public async Task WriteAsync(ReadOnlyMemory<LedgerWrite> writes, Memory<LedgerReply> replies, CancellationToken cancellationToken)
    {
        foreach (ref readonly var write in writes.Span)
        {
            Request(write);
        }

        await Socket.SendAsync(cancellationToken);
        for (var i = 0; i < writes.Length; i++)
        {
            var write = writes.Span[i];
            var reply = write.Transaction ? await TransactionAsync(write, cancellationToken) : Acknowledge(await Socket.ReadAsync(cancellationToken), write.Kinds);
            replies.Span[i] = reply;
        }
    }

    public async Task ReadAsync(ReadOnlyMemory<LedgerRead> reads, Memory<LedgerReply> replies, CancellationToken cancellationToken)
    {
        foreach (ref readonly var read in reads.Span)
        {
            Socket.Request("GET", read.Number == LedgerRead.Counter ? Key(read.Client, "n") : RecordKey(read.Client, read.Number));
        }

        await Socket.SendAsync(cancellationToken);
        for (var i = 0; i < reads.Length; i++)
        {
            var reply = await Socket.ReadAsync(cancellationToken);
            replies.Span[i] = Found(reads.Span[i], reply);
        }
    }

    public async Task<IReadOnlyList<long>> ReadEntriesAsync(int client, LedgerWriteKinds kind, CancellationToken cancellationToken) =>
        kind == LedgerWriteKinds.List ? await ReadListAsync(Key(client, "l"), cancellationToken) : await ReadTextAsync(Key(client, "a"), cancellationToken);

    public ValueTask DisposeAsync()
    {
        _socket?.Dispose();
        return ValueTask.CompletedTask;
    }

    // One hash tag a client: where slots are spread over servers, a client's transaction stays on one.
    private string Key(int client, string what) => string.Create(CultureInfo.InvariantCulture, $"{{{ledger.Prefix}:{client}}}:{what}");

    private string RecordKey(int client, long number) => string.Create(CultureInfo.InvariantCulture, $"{{{ledger.Prefix}:{client}}}:r:{number}");

    private async Task<bool> TryConnectAsync(EndPoint server, CancellationToken cancellationToken)
    {
        var socket = await RespSocket.ConnectAsync(server, cancellationToken);
        try
        {
            _socket = socket;
            await SignInAsync(socket, cancellationToken);
            if (options.Servers.Count == 1 || await IsPrimaryAsync(socket, cancellationToken))
            {
                socket = null;
                return true;
            }

            return false;
        }
        finally
        {
            socket?.Dispose();
        }
    }

    private async Task SignInAsync(RespSocket socket, CancellationToken cancellationToken)
    {
        if (options.Password is not null && options.User is not null)
        {
            await OrderAsync(socket, cancellationToken, "AUTH", options.User, options.Password);
        }
        else if (options.Password is not null)
        {
            await OrderAsync(socket, cancellationToken, "AUTH", options.Password);
        }

        if (options.Protocol != 2)
        {
            await OrderAsync(socket, cancellationToken, "HELLO", options.Protocol.ToString(CultureInfo.InvariantCulture));
        }

        if (options.Database != 0)
        {
            await OrderAsync(socket, cancellationToken, "SELECT", options.Database.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static async Task<bool> IsPrimaryAsync(RespSocket socket, CancellationToken cancellationToken)
    {
        var role = await OrderAsync(socket, cancellationToken, "ROLE");
        return role.Items is [{ } first, ..] && first.Text == "master";
    }

    private static async Task<RespReply> OrderAsync(RespSocket socket, CancellationToken cancellationToken, params string[] arguments)
    {
        socket.Request(arguments);
        await socket.SendAsync(cancellationToken);
        var reply = await socket.ReadAsync(cancellationToken);
        return reply.Error is { } error ? throw new IOException($"{arguments[0]} was refused: {error}") : reply;
    }

    private void Request(in LedgerWrite write)
    {
        if (write.Transaction)
        {
            Socket.Request("MULTI");
        }

        RequestKinds(write);
        if (write.Transaction)
        {
            Socket.Request("EXEC");
        }
    }

    private void RequestKinds(in LedgerWrite write)
    {
        if (write.Kinds.HasFlag(LedgerWriteKinds.Record))
        {
            Socket.Begin(3);
            Socket.Argument("SET"u8);
            Socket.Argument(RecordKey(write.Client, write.Number));
            Socket.Argument(Value(write.Client, write.Number));
        }

        if (write.Kinds.HasFlag(LedgerWriteKinds.Counter))
        {
            Socket.Request("INCR", Key(write.Client, "n"));
        }

        if (write.Kinds.HasFlag(LedgerWriteKinds.List))
        {
            Socket.Request("LPUSH", Key(write.Client, "l"), write.Number.ToString(CultureInfo.InvariantCulture));
        }

        if (write.Kinds.HasFlag(LedgerWriteKinds.Append))
        {
            Socket.Request("APPEND", Key(write.Client, "a"), string.Create(CultureInfo.InvariantCulture, $"{write.Number},"));
        }
    }

    /// <summary>The value is made of the client and the number, so that a reader knows what to expect without having kept it.</summary>
    private ReadOnlySpan<byte> Value(int client, long number)
    {
        Utf8Formatter.TryFormat(client, _value, out var length);
        _value[length++] = (byte)':';
        Utf8Formatter.TryFormat(number, _value.AsSpan(length), out var digits);
        length += digits;
        _value[length++] = (byte)':';
        var size = Math.Max(ledger.ValueSize, length);
        _value.AsSpan(length, size - length).Fill((byte)('a' + (number % 26)));
        return _value.AsSpan(0, size);
    }

    private LedgerReply Acknowledge(in RespReply reply, LedgerWriteKinds kinds) => reply.Error is { } error
        ? new LedgerReply(LedgerAnswer.Rejected, time.GetTimestamp(), 0, error)
        : new LedgerReply(LedgerAnswer.Done, time.GetTimestamp(), kinds.HasFlag(LedgerWriteKinds.Counter) ? reply.Integer : 0);

    private async ValueTask<LedgerReply> TransactionAsync(LedgerWrite write, CancellationToken cancellationToken)
    {
        string? refused = null;
        var parts = System.Numerics.BitOperations.PopCount((uint)write.Kinds);
        for (var i = 0; i < parts + 1; i++)
        {
            var queued = await Socket.ReadAsync(cancellationToken);
            refused ??= queued.Error;
        }

        var executed = await Socket.ReadAsync(cancellationToken);
        if (refused is not null || executed.Error is not null || executed.Items is null)
        {
            return new LedgerReply(LedgerAnswer.Rejected, time.GetTimestamp(), 0, refused ?? executed.Error ?? "EXEC was answered with nothing");
        }

        // The counter's part comes after the record's, if there is one.
        var counter = write.Kinds.HasFlag(LedgerWriteKinds.Counter) ? executed.Items[write.Kinds.HasFlag(LedgerWriteKinds.Record) ? 1 : 0].Integer : 0;
        return new LedgerReply(LedgerAnswer.Done, time.GetTimestamp(), counter);
    }

    private LedgerReply Found(in LedgerRead read, in RespReply reply)
    {
        var at = time.GetTimestamp();
        if (reply.Error is { } error)
        {
            return new LedgerReply(LedgerAnswer.Rejected, at, 0, error);
        }

        if (read.Number == LedgerRead.Counter)
        {
            return FoundCounter(reply, at);
        }

        if (reply.Type == RespType.Null)
        {
            return new LedgerReply(LedgerAnswer.Missing, at);
        }

        var whole = reply.Bytes.Span.SequenceEqual(Value(read.Client, read.Number));
        return new LedgerReply(whole ? LedgerAnswer.Done : LedgerAnswer.Damaged, at);
    }

    private static LedgerReply FoundCounter(in RespReply reply, long at)
    {
        if (reply.Type == RespType.Null)
        {
            return new LedgerReply(LedgerAnswer.Done, at);
        }

        var number = Utf8Parser.TryParse(reply.Bytes.Span, out long value, out var used) && used == reply.Bytes.Length;
        return new LedgerReply(number ? LedgerAnswer.Done : LedgerAnswer.Damaged, at, value);
    }

    private async Task<IReadOnlyList<long>> ReadListAsync(string key, CancellationToken cancellationToken)
    {
        var length = (await OrderAsync(Socket, cancellationToken, "LLEN", key)).Integer;
        var entries = new List<long>((int)length);
        // LPUSH puts the newest first: from the tail, the oldest comes first.
        for (long from = 0; from < length; from += Page)
        {
            var page = await OrderAsync(
                Socket,
                cancellationToken,
                "LRANGE",
                key,
                (-from - Page).ToString(CultureInfo.InvariantCulture),
                (-from - 1).ToString(CultureInfo.InvariantCulture));
            entries.AddRange(page.Items!.AsEnumerable().Reverse().Select(item => Number(item.Bytes.Span)));
        }

        return entries;
    }

    private async Task<IReadOnlyList<long>> ReadTextAsync(string key, CancellationToken cancellationToken)
    {
        var reply = await OrderAsync(Socket, cancellationToken, "GET", key);
        return [.. Encoding.ASCII.GetString(reply.Bytes.Span).Split(',', StringSplitOptions.RemoveEmptyEntries).Select(text => Number(Encoding.ASCII.GetBytes(text)))];
    }

    private static long Number(ReadOnlySpan<byte> text) => Utf8Parser.TryParse(text, out long number, out var used) && used == text.Length ? number : -1;
}
