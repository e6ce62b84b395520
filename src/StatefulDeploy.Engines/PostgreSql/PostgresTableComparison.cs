using Npgsql;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>
/// Compares one table: a digest a chunk of keys on both sides, row by row where digests differ, and what still differs once more at an exact cut:
/// the source's rows are locked for the moment in which the target applies what was written before.
/// </summary>
internal sealed class PostgresTableComparison(PostgresTable table, NpgsqlConnection source, NpgsqlConnection target, NpgsqlConnection watch, EngineContext context, PostgresFindings findings)
{
    private const int ChunkRows = 10_000;
    private const int LockedAtOnce = 100;
    private const int Tries = 5;
    private static readonly TimeSpan AppliedWithin = TimeSpan.FromSeconds(60);

    // 64 bits of each row's MD5, added up: independent of the order.
    private const string Digest = "coalesce(sum(('x' || left(md5(compared_row::text), 16))::bit(64)::bigint::numeric), 0)::text";

    /// <summary>Compares all rows.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => table.Key.Count == 0 ? CompareWholeAsync(cancellationToken) : CompareChunksAsync(cancellationToken);

    private async Task CompareChunksAsync(CancellationToken cancellationToken)
    {
        for (string? after = null; ;)
        {
            string? upTo = await NextKeyAsync(after, cancellationToken);
            string where = Where(after, upTo);
            (long count, string digest) = await DigestAsync(source, where, cancellationToken);
            (long targetCount, string targetDigest) = await DigestAsync(target, where, cancellationToken);
            findings.Rows += count;
            if (count != targetCount || digest != targetDigest)
            {
                await CompareRowsAsync(where, cancellationToken);
            }

            if (upTo is null)
            {
                return;
            }

            after = upTo;
        }
    }

    // The key of the last row of the next chunk, as a list of literals; null when what is left is less than a chunk.
    private async Task<string?> NextKeyAsync(string? after, CancellationToken cancellationToken) =>
        (await source.TextsAsync(
            $"SELECT concat_ws(', ', {string.Join(", ", table.Key.Select(column => $"quote_literal({column}::text)"))}) FROM {table.Name} {Where(after, null)} ORDER BY {table.KeyList} OFFSET {ChunkRows - 1} LIMIT 1",
            cancellationToken)).FirstOrDefault();

    private string Where(string? after, string? upTo)
    {
        string[] bounds = [.. after is null ? Array.Empty<string>() : [$"({table.KeyList}) > ({after})"], .. upTo is null ? Array.Empty<string>() : [$"({table.KeyList}) <= ({upTo})"]];
        return bounds.Length == 0 ? string.Empty : "WHERE " + string.Join(" AND ", bounds);
    }

    private async Task<(long Count, string Digest)> DigestAsync(NpgsqlConnection side, string where, CancellationToken cancellationToken) =>
        (await side.ListAsync($"SELECT count(*), {Digest} FROM {table.Name} AS compared_row {where}", row => (row.GetInt64(0), row.GetString(1)), cancellationToken))[0];

    private async Task CompareRowsAsync(string where, CancellationToken cancellationToken)
    {
        Dictionary<string, string> left = await RowsAsync(source, where, string.Empty, cancellationToken);
        Dictionary<string, string> right = await RowsAsync(target, where, string.Empty, cancellationToken);
        List<string> doubtful = [.. left.Where(row => right.GetValueOrDefault(row.Key) != row.Value).Select(row => row.Key), .. right.Keys.Where(key => !left.ContainsKey(key))];
        foreach (string[] some in doubtful.Chunk(LockedAtOnce))
        {
            await JudgeAsync(some, cancellationToken);
        }
    }

    private async Task<Dictionary<string, string>> RowsAsync(NpgsqlConnection side, string where, string locking, CancellationToken cancellationToken) =>
        new(await side.ListAsync(
            $"SELECT concat_ws(', ', {string.Join(", ", table.Key.Select(column => $"quote_literal({column}::text)"))}), md5(compared_row::text) FROM {table.Name} AS compared_row {where} {locking}",
            row => KeyValuePair.Create(row.GetString(0), row.GetString(1)), cancellationToken), StringComparer.Ordinal);

    private async Task JudgeAsync(string[] keys, CancellationToken cancellationToken)
    {
        string where = $"WHERE ({table.KeyList}) IN ({string.Join(", ", keys.Select(key => $"({key})"))})";
        for (int attempt = 1; ; attempt++)
        {
            await using NpgsqlTransaction locks = await source.BeginTransactionAsync(cancellationToken);
            Dictionary<string, string> left = await RowsAsync(source, where, "FOR SHARE", cancellationToken);
            await AppliedAsync(cancellationToken);
            Dictionary<string, string> right = await RowsAsync(target, where, string.Empty, cancellationToken);
            await locks.RollbackAsync(cancellationToken);
            List<string> differ = [.. keys.Where(key => left.GetValueOrDefault(key) != right.GetValueOrDefault(key))];

            // A row that was made after the lock was asked for is on the target and not among the locked ones: the next try has it.
            if (differ.Count > 0 && attempt < Tries)
            {
                continue;
            }

            foreach (string key in differ)
            {
                string kind = !right.ContainsKey(key) ? "Missing" : left.ContainsKey(key) ? "Value" : "Extra";
                findings.Add(table, $"({key})", kind, left.GetValueOrDefault(key, string.Empty), right.GetValueOrDefault(key, string.Empty));
            }

            return;
        }
    }

    // Rows without a key have no order to go by: the whole table at once, a few times, and at last with its writers waiting.
    private async Task CompareWholeAsync(CancellationToken cancellationToken)
    {
        (long Count, string Digest) left = default;
        (long Count, string Digest) right = default;
        for (int attempt = 1; attempt <= Tries; attempt++)
        {
            left = await DigestAsync(source, string.Empty, cancellationToken);
            await AppliedAsync(cancellationToken);
            right = await DigestAsync(target, string.Empty, cancellationToken);
            if (left == right)
            {
                break;
            }
        }

        findings.Rows += left.Count;
        if (left != right)
        {
            findings.Add(table, string.Empty, "Value", $"{left.Count} rows, digest {left.Digest}", $"{right.Count} rows, digest {right.Digest}");
        }
    }

    private async Task AppliedAsync(CancellationToken cancellationToken)
    {
        string slot = PostgresNames.Slot(context.Target.Colour, table.Database);
        string lsn = await source.ScalarAsync<string>("SELECT pg_current_wal_flush_lsn()::text", cancellationToken) ?? string.Empty;
        for (long start = context.Clock.GetTimestamp(); ; await Task.Delay(TimeSpan.FromMilliseconds(2), context.Clock, cancellationToken))
        {
            if (await watch.ScalarAsync<bool>("SELECT r.replay_lsn >= $1::pg_lsn FROM pg_replication_slots s JOIN pg_stat_replication r ON r.pid = s.active_pid WHERE s.slot_name = $2", cancellationToken, lsn, slot))
            {
                return;
            }

            if (context.Clock.GetElapsedTime(start) > AppliedWithin)
            {
                throw new UpgradeException("ComparisonStalled", $"Database '{table.Database}': the target had not applied {lsn} within {AppliedWithin.TotalSeconds:0} s.", "See whether replication runs, then compare again.", FailureCategory.Timeout) { Target = table.Database };
            }
        }
    }
}
