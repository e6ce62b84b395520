using Npgsql;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.PostgreSql.Comparison;

/// <summary>
/// Compares a table whose rows have no key: how often each row is there. Rows are put into buckets by their hash, one pass a side; where a bucket
/// differs its rows are counted, and those whose counts differ are counted again when the target has applied what was written meanwhile.
/// </summary>
internal sealed class KeylessComparison(ComparedTable table, ComparisonSession session, ComparisonLedger ledger)
{
    private const int Buckets = 4096;
    private const int Tries = 5;
    private const string Hash = "hashtextextended(compared_row::text COLLATE \"C\", 0)";

    private static readonly string Bucket = $"({Hash} & {Buckets - 1})::int";

    /// <summary>Compares all rows, and notes them.</summary>
    public async Task RunAsync(int number, CancellationToken cancellationToken)
    {
        Dictionary<int, (long Count, string Sum)> left = await BucketsAsync(session.Source, cancellationToken);
        await session.AppliedAsync(cancellationToken);
        Dictionary<int, (long Count, string Sum)> right = await BucketsAsync(session.Target, cancellationToken);
        List<DataDifference> found = [];
        foreach (int bucket in left.Keys.Union(right.Keys).Where(bucket => left.GetValueOrDefault(bucket) != right.GetValueOrDefault(bucket)))
        {
            found.AddRange(await CompareAsync(bucket, cancellationToken));
        }

        ledger.Advance(number, ledger[number] with { IsDone = true }, left.Values.Sum(bucket => bucket.Count), found);
    }

    private async Task<Dictionary<int, (long Count, string Sum)>> BucketsAsync(NpgsqlConnection side, CancellationToken cancellationToken) => new(await side.ListAsync(
        $"SELECT {Bucket}, count(*), sum({Hash})::text FROM ONLY {table.Name} AS compared_row GROUP BY 1",
        row => KeyValuePair.Create(row.GetInt32(0), (row.GetInt64(1), row.GetString(2))), cancellationToken));

    private async Task<IEnumerable<DataDifference>> CompareAsync(int bucket, CancellationToken cancellationToken)
    {
        string where = $"{Bucket} = {bucket}";
        HashSet<string> doubtful = [];
        for (int attempt = 1; ; attempt++)
        {
            Dictionary<string, (long Count, string Row)> left = await RowsAsync(session.Source, where, cancellationToken);
            await session.AppliedAsync(cancellationToken);
            Dictionary<string, (long Count, string Row)> right = await RowsAsync(session.Target, where, cancellationToken);
            HashSet<string> differ = [.. left.Keys.Union(right.Keys, StringComparer.Ordinal).Where(row => left.GetValueOrDefault(row).Count != right.GetValueOrDefault(row).Count)];

            // What was written between the two looks differs now and not the next time: only what differs every time is a difference.
            doubtful = attempt == 1 ? differ : [.. differ.Intersect(doubtful, StringComparer.Ordinal)];
            if (doubtful.Count == 0 || attempt == Tries)
            {
                return doubtful.Select(row => Tell(left.GetValueOrDefault(row), right.GetValueOrDefault(row)));
            }
        }
    }

    private async Task<Dictionary<string, (long Count, string Row)>> RowsAsync(NpgsqlConnection side, string where, CancellationToken cancellationToken) => new(
        await side.ListAsync(
            $"SELECT md5(compared_row::text), count(*), left(min(compared_row::text), 200) FROM ONLY {table.Name} AS compared_row WHERE {where} GROUP BY 1",
            row => KeyValuePair.Create(row.GetString(0), (row.GetInt64(1), row.GetString(2))), cancellationToken), StringComparer.Ordinal);

    private DataDifference Tell((long Count, string? Row) left, (long Count, string? Row) right) => ComparisonLedger.Difference(
        table, left.Row ?? right.Row ?? string.Empty, right.Count == 0 ? "Missing" : left.Count == 0 ? "Extra" : "Count", $"{left.Count} time(s)", $"{right.Count} time(s)");
}
