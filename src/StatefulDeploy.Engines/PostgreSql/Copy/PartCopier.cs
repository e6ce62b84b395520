using Npgsql;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.PostgreSql.Copy;

/// <summary>One session on either side: the rows of a part go through as bytes, unread, and are recorded in the transaction that brings them.</summary>
internal sealed class PartCopier(NpgsqlConnection source, NpgsqlConnection target, CopySnapshot snapshot, string id, CopyThrottle throttle, CopyMeter meter)
{
    private const int Chunk = PostgresAccess.BulkBuffer;

    // Values that go as text must be written by one side as the other reads them; and bytes of text stay what they are, in whatever encoding.
    private const string Alike = "SELECT set_config('client_encoding', 'SQL_ASCII', false), set_config('datestyle', 'ISO, YMD', false), set_config('intervalstyle', 'iso_8601', false), "
        + "set_config('extra_float_digits', '3', false), set_config('bytea_output', 'hex', false), set_config('lc_monetary', 'C', false), set_config('xmloption', 'content', false), set_config('row_security', 'off', false)";

    private readonly byte[][] _buffers = [new byte[Chunk], new byte[Chunk]];

    /// <summary>Opens the sessions of one of many copiers.</summary>
    public static async Task<PartCopier> OpenAsync(NpgsqlConnection source, NpgsqlConnection target, CopySnapshot snapshot, string id, CopyThrottle throttle, CopyMeter meter, CancellationToken cancellationToken)
    {
        await source.RunAsync(Alike, cancellationToken);
        await target.RunAsync(Alike, cancellationToken);

        // What extensions have made fires no trigger of theirs, and a commit that a crash takes back takes its record with it.
        await target.RunAsync("SELECT set_config('session_replication_role', 'replica', false), set_config('synchronous_commit', 'off', false)", cancellationToken);
        return new PartCopier(source, target, snapshot, id, throttle, meter);
    }

    /// <summary>Copies a part: all of it and its record, or nothing.</summary>
    /// <exception cref="UpgradeException">A side was lost or refused it, or the table's rows have moved since it was split.</exception>
    public async Task CopyAsync(CopyPart part, CancellationToken cancellationToken)
    {
        await using NpgsqlTransaction reading = await snapshot.BeginAsync(source, cancellationToken);
        await using NpgsqlTransaction writing = await target.BeginTransactionAsync(cancellationToken);
        await CopyRecord.EnsureOursAsync(target, id, cancellationToken);
        long counted = 0;
        try
        {
            await StreamAsync(part, bytes => Count(bytes), cancellationToken);
            await EnsureUnmovedAsync(part, cancellationToken);
            await CopyRecord.AddAsync(target, part, snapshot.Lsn, cancellationToken);
            await target.GuardAsync(async () => { await writing.CommitAsync(cancellationToken); return true; });
            meter.Add(part.Bytes - counted);
        }
        catch
        {
            meter.Add(-counted);
            throw;
        }

        // What is sent is not what is stored: never more than the part's share.
        void Count(int bytes)
        {
            long more = Math.Min(bytes, part.Bytes - counted);
            counted += more;
            meter.Add(more);
        }
    }

    // VACUUM FULL and its like put rows into other blocks. While a part is read its table is locked against them, so between two parts the file tells.
    private async Task EnsureUnmovedAsync(CopyPart part, CancellationToken cancellationToken)
    {
        if (part.Count > 1 && await source.ScalarAsync<uint>("SELECT pg_relation_filenode($1::regclass)", cancellationToken, part.Table.Name) != part.Table.FileNode)
        {
            throw new UpgradeException("TableRewritten", $"{part.Table.Name} was written anew on the source while its parts were copied (VACUUM FULL, CLUSTER, TRUNCATE).", "It is copied from its beginning.", FailureCategory.WrongState) { Target = part.Table.Name };
        }
    }

    private async Task StreamAsync(CopyPart part, Action<int> count, CancellationToken cancellationToken)
    {
        await using NpgsqlRawCopyStream from = await source.GuardAsync(() => OpenReadAsync(part, cancellationToken));
        NpgsqlRawCopyStream into = await target.GuardAsync(() => OpenWriteAsync(part, cancellationToken));
        try
        {
            await PumpAsync(from, into, count, cancellationToken);
        }
        catch
        {
            await CancelAsync(from, into);
            throw;
        }

        // Its end is what makes the server say that it has taken everything.
        await target.GuardAsync(async () => { await into.DisposeAsync(); return true; });
    }

    // While one buffer is written the other is filled.
    private async Task PumpAsync(NpgsqlRawCopyStream from, NpgsqlRawCopyStream into, Action<int> count, CancellationToken cancellationToken)
    {
        int held = await FillAsync(from, _buffers[0], cancellationToken);
        for (int turn = 0; held > 0; turn++)
        {
            await throttle.TakeAsync(held, cancellationToken);
            int going = held;
            byte[] full = _buffers[turn % 2];
            Task writing = target.GuardAsync(async () => { await into.WriteAsync(full.AsMemory(0, going), cancellationToken); return true; });
            Task<int> filling = FillAsync(from, _buffers[(turn + 1) % 2], cancellationToken);
            await Task.WhenAll(writing, filling);
            count(going);
            held = await filling;
        }
    }

    // The driver gives a row at a time.
    private Task<int> FillAsync(NpgsqlRawCopyStream from, byte[] buffer, CancellationToken cancellationToken) => source.GuardAsync(async () =>
    {
        int filled = 0;
        while (filled < buffer.Length)
        {
            int read = await from.ReadAsync(buffer.AsMemory(filled), cancellationToken);
            if (read == 0)
            {
                break;
            }

            filled += read;
        }

        return filled;
    });

    // Neither side may take what has come so far for all there is. The transactions around them are rolled back in any case.
    private static async Task CancelAsync(NpgsqlRawCopyStream from, NpgsqlRawCopyStream into)
    {
        foreach (NpgsqlRawCopyStream stream in new[] { into, from })
        {
            try
            {
                await stream.CancelAsync();
            }
            catch (Exception exception) when (exception is NpgsqlException or IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
            {
                // Its session is gone, which ends it as well.
            }
        }
    }

    private async Task<NpgsqlRawCopyStream> OpenReadAsync(CopyPart part, CancellationToken cancellationToken) => part.Table.IsBinary
        ? await source.BeginRawBinaryCopyAsync(part.Read, cancellationToken)
        : (NpgsqlRawCopyStream)((StreamReader)await source.BeginTextExportAsync(part.Read, cancellationToken)).BaseStream;

    private async Task<NpgsqlRawCopyStream> OpenWriteAsync(CopyPart part, CancellationToken cancellationToken) => part.Table.IsBinary
        ? await target.BeginRawBinaryCopyAsync(part.Write, cancellationToken)
        : (NpgsqlRawCopyStream)((StreamWriter)await target.BeginTextImportAsync(part.Write, cancellationToken)).BaseStream;
}
