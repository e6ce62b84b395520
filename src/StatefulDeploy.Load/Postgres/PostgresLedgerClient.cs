using System.Globalization;
using Npgsql;

namespace StatefulDeploy.Load.Postgres;

/// <summary>Keeps a ledger in four tables. Each write is one transaction, and so is each read.</summary>
internal sealed class PostgresLedgerClient(string connectionString, LedgerOptions ledger, TimeProvider time) : ILedgerClient
{
    private const string Record = "INSERT INTO ledger_record (client, number, value) VALUES ($1, $2, $3)";
    private const string Counter = "INSERT INTO ledger_counter AS c (client, n) VALUES ($1, 1) ON CONFLICT (client) DO UPDATE SET n = c.n + 1 RETURNING n";
    private const string List = "INSERT INTO ledger_list (client, number) VALUES ($1, $2)";
    private const string Append = "INSERT INTO ledger_text AS t (client, entries) VALUES ($1, $2 || ',') ON CONFLICT (client) DO UPDATE SET entries = t.entries || excluded.entries";

    private readonly NpgsqlConnection _connection = new(connectionString);

    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _connection.OpenAsync(cancellationToken);
        }
        catch (NpgsqlException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    public async Task WriteAsync(ReadOnlyMemory<LedgerWrite> writes, Memory<LedgerReply> replies, CancellationToken cancellationToken)
    {
        for (var i = 0; i < writes.Length; i++)
        {
            var reply = await WriteAsync(writes.Span[i], cancellationToken);
            replies.Span[i] = reply;
        }
    }

    public async Task ReadAsync(ReadOnlyMemory<LedgerRead> reads, Memory<LedgerReply> replies, CancellationToken cancellationToken)
    {
        for (var i = 0; i < reads.Length; i++)
        {
            var reply = await ReadAsync(reads.Span[i], cancellationToken);
            replies.Span[i] = reply;
        }
    }

    public async Task<IReadOnlyList<long>> ReadEntriesAsync(int client, LedgerWriteKinds kind, CancellationToken cancellationToken)
    {
        if (kind == LedgerWriteKinds.List)
        {
            await using var command = Command("SELECT number FROM ledger_list WHERE client = $1 ORDER BY id", client);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var entries = new List<long>();
            while (await reader.ReadAsync(cancellationToken))
                entries.Add(reader.GetInt64(0));
            return entries;
        }

        await using var text = Command("SELECT entries FROM ledger_text WHERE client = $1", client);
        return [.. (((string?)await text.ExecuteScalarAsync(cancellationToken)) ?? string.Empty).Split(',', StringSplitOptions.RemoveEmptyEntries).Select(word => long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1)];
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task<LedgerReply> WriteAsync(LedgerWrite write, CancellationToken cancellationToken)
    {
        try
        {
            // A batch without a transaction of its own is one: all of it or nothing.
            await using var batch = Batch(write);
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            long counter = 0;
            do
            {
                while (await reader.ReadAsync(cancellationToken))
                    counter = reader.GetInt64(0);
            }
            while (await reader.NextResultAsync(cancellationToken));

            await reader.DisposeAsync();
            return new LedgerReply(LedgerAnswer.Done, time.GetTimestamp(), counter);
        }
        catch (NpgsqlException error)
        {
            return Refused(error);
        }
    }

    private async Task<LedgerReply> ReadAsync(LedgerRead read, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = read.Number == LedgerRead.Counter
                ? Command("SELECT n FROM ledger_counter WHERE client = $1", read.Client)
                : Command("SELECT value FROM ledger_record WHERE client = $1 AND number = $2", read.Client, read.Number);
            var found = await command.ExecuteScalarAsync(cancellationToken);
            var at = time.GetTimestamp();
            return found switch
            {
                long number => new LedgerReply(LedgerAnswer.Done, at, number),
                string text => new LedgerReply(text == Value(read.Client, read.Number) ? LedgerAnswer.Done : LedgerAnswer.Damaged, at),
                _ => new LedgerReply(read.Number == LedgerRead.Counter ? LedgerAnswer.Done : LedgerAnswer.Missing, at),
            };
        }
        catch (NpgsqlException error)
        {
            return Refused(error);
        }
    }

    // An error is a refusal only if the session goes on: one that the server ends may have come after the commit.
    private LedgerReply Refused(NpgsqlException error) => error is PostgresException { Severity: "ERROR" } refusal && _connection.FullState == System.Data.ConnectionState.Open
        ? new LedgerReply(LedgerAnswer.Rejected, time.GetTimestamp(), 0, $"{refusal.SqlState}: {refusal.MessageText}")
        : throw new IOException(error.Message, error);

    private NpgsqlBatch Batch(in LedgerWrite write)
    {
        var batch = new NpgsqlBatch(_connection);
        void Add(string sql, params object[] arguments)
        {
            var command = new NpgsqlBatchCommand(sql);
            foreach (var argument in arguments)
                command.Parameters.Add(new NpgsqlParameter { Value = argument });
            batch.BatchCommands.Add(command);
        }

        if (write.Kinds.HasFlag(LedgerWriteKinds.Record))
            Add(Record, write.Client, write.Number, Value(write.Client, write.Number));
        if (write.Kinds.HasFlag(LedgerWriteKinds.Counter))
            Add(Counter, write.Client);
        if (write.Kinds.HasFlag(LedgerWriteKinds.List))
            Add(List, write.Client, write.Number);
        if (write.Kinds.HasFlag(LedgerWriteKinds.Append))
            Add(Append, write.Client, write.Number.ToString(CultureInfo.InvariantCulture));
        return batch;
    }

    private NpgsqlCommand Command(string sql, params object[] arguments)
    {
        var command = new NpgsqlCommand(sql, _connection);
        foreach (var argument in arguments)
            command.Parameters.Add(new NpgsqlParameter { Value = argument });
        return command;
    }

    /// <summary>The value is made of the client and the number, so that a reader knows what to expect without having kept it.</summary>
    private string Value(int client, long number)
    {
        var head = string.Create(CultureInfo.InvariantCulture, $"{client}:{number}:");
        return head.PadRight(Math.Max(ledger.ValueSize, head.Length), (char)('a' + (number % 26)));
    }
}
