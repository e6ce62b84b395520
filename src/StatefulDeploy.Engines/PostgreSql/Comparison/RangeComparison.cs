using Npgsql;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.PostgreSql.Comparison;

/// <summary>
/// Compares the rows between two keys: a digest a chunk on both sides, row by row where digests differ, and what still differs once more at an exact
/// cut: the source's rows are locked for the moment in which the target applies what was written before.
/// </summary>
internal sealed class RangeComparison(ComparedTable table, ComparisonSession session, ComparisonLedger ledger)
{
    private const int ChunkRows = 10_000;
    private const int LockedAtOnce = 100;
    private const int Tries = 5;

    // 64 bits of each row, added up: independent of the order. If two versions ever hashed differently, every chunk would be looked at row by row.
    private const string Hash = "hashtextextended(compared_row::text COLLATE \"C\", 0)";

    /// <summary>Compares a range from where it is to its end, and notes each chunk.</summary>
    public async Task RunAsync(int number, CancellationToken cancellationToken)
    {
        ComparedRange range = ledger[number];
        Task<SourceChunk> next = ReadAsync(range.After, range.UpTo, cancellationToken);
        while (!range.IsDone)
        {
            SourceChunk chunk = await next;
            string where = Where(range.After, chunk.Last ?? range.UpTo);

            // While the target reads this chunk, the source reads the next one.
            Task<(long Count, string Digest)> other = DigestAsync(where, cancellationToken);
            next = chunk.Last is { } last ? ReadAsync(last, range.UpTo, cancellationToken) : Task.FromResult(new SourceChunk(0, string.Empty, null));
            await Task.WhenAll(other, next);
            List<DataDifference> found = await other == (chunk.Count, chunk.Digest) ? [] : await CompareRowsAsync(where, cancellationToken);
            range = range with { After = chunk.Last ?? range.After, IsDone = chunk.Last is null };
            ledger.Advance(number, range, chunk.Count, found);
        }
    }

    private async Task<SourceChunk> ReadAsync(string? after, string? upTo, CancellationToken cancellationToken) => (await session.Source.ListAsync(
        $"""
        SELECT count(*), coalesce(sum(h), 0)::text, (array_agg(k))[{ChunkRows}]
        FROM (SELECT {Hash} AS h, {table.KeyLiterals} AS k FROM ONLY {table.Name} AS compared_row {Where(after, upTo)} ORDER BY {table.KeyList} LIMIT {ChunkRows}) AS chunk
        """,
        row => new SourceChunk(row.GetInt64(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2)), cancellationToken))[0];

    private async Task<(long Count, string Digest)> DigestAsync(string where, CancellationToken cancellationToken) =>
        (await session.Target.ListAsync($"SELECT count(*), coalesce(sum({Hash}), 0)::text FROM ONLY {table.Name} AS compared_row {where}", row => (row.GetInt64(0), row.GetString(1)), cancellationToken))[0];

    private string Where(string? after, string? upTo)
    {
        string[] bounds = [.. after is null ? Array.Empty<string>() : [$"({table.KeyList}) > ({after})"], .. upTo is null ? Array.Empty<string>() : [$"({table.KeyList}) <= ({upTo})"]];
        return bounds.Length == 0 ? string.Empty : "WHERE " + string.Join(" AND ", bounds);
    }

    private async Task<List<DataDifference>> CompareRowsAsync(string where, CancellationToken cancellationToken)
    {
        Dictionary<string, string> left = await RowsAsync(session.Source, where, string.Empty, cancellationToken);
        Dictionary<string, string> right = await RowsAsync(session.Target, where, string.Empty, cancellationToken);
        List<string> doubtful = [.. left.Where(row => right.GetValueOrDefault(row.Key) != row.Value).Select(row => row.Key), .. right.Keys.Where(key => !left.ContainsKey(key))];
        List<DataDifference> found = [];
        foreach (string[] some in doubtful.Chunk(LockedAtOnce))
        {
            found.AddRange(await JudgeAsync(some, cancellationToken));
        }

        return found;
    }

    private async Task<Dictionary<string, string>> RowsAsync(NpgsqlConnection side, string where, string locking, CancellationToken cancellationToken) =>
        new(await side.ListAsync(
            $"SELECT {table.KeyLiterals}, md5(compared_row::text) FROM ONLY {table.Name} AS compared_row {where} {locking}",
            row => KeyValuePair.Create(row.GetString(0), row.GetString(1)), cancellationToken), StringComparer.Ordinal);

    private async Task<IEnumerable<DataDifference>> JudgeAsync(string[] keys, CancellationToken cancellationToken)
    {
        string where = $"WHERE ({table.KeyList}) IN ({string.Join(", ", keys.Select(key => $"({key})"))})";
        for (int attempt = 1; ; attempt++)
        {
            await using NpgsqlTransaction locks = await session.Source.BeginTransactionAsync(cancellationToken);
            Dictionary<string, string> left = await RowsAsync(session.Source, where, "FOR SHARE", cancellationToken);
            await session.AppliedAsync(cancellationToken);
            Dictionary<string, string> right = await RowsAsync(session.Target, where, string.Empty, cancellationToken);
            await locks.RollbackAsync(cancellationToken);
            List<string> differ = [.. keys.Where(key => left.GetValueOrDefault(key) != right.GetValueOrDefault(key))];

            // A row that was made after the lock was asked for is on the target and not among the locked ones: the next try has it.
            if (differ.Count == 0 || attempt == Tries)
            {
                return differ.Select(key => ComparisonLedger.Difference(
                    table, $"({key})", !right.ContainsKey(key) ? "Missing" : left.ContainsKey(key) ? "Value" : "Extra", left.GetValueOrDefault(key, string.Empty), right.GetValueOrDefault(key, string.Empty)));
            }
        }
    }

    // What the source has of a chunk; its last key, when it is a whole one and more may follow.
    private sealed record SourceChunk(long Count, string Digest, string? Last);
}
