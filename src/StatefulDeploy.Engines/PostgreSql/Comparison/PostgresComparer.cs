using System.Collections.Concurrent;
using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.PostgreSql.Copy;

namespace StatefulDeploy.Engines.PostgreSql.Comparison;

/// <summary>Compares every row of every table of every database, a chunk of keys at a time, several ranges at once, while writes go on; goes on where an earlier one was stopped.</summary>
internal sealed class PostgresComparer : IDataComparer
{
    private const long RangeBytes = 256L << 20;
    private const int MostRanges = 64;

    // What replication carries: permanent tables that are not the system's and not ours. Partitions are compared, their parents hold nothing.
    private const string Tables = """
        SELECT n.nspname::text, c.relname::text,
            (SELECT array_agg(quote_ident(a.attname) ORDER BY k.ord) FROM unnest(i.indkey) WITH ORDINALITY k(num, ord) JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.num WHERE k.ord <= i.indnkeyatts),
            pg_table_size(c.oid)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_index i ON i.indrelid = c.oid AND CASE WHEN c.relreplident = 'i' THEN i.indisreplident ELSE i.indisprimary END
        WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'statefuldeploy') ORDER BY 4 DESC, 1, 2
        """;

    private const string There = "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND c.relpersistence = 'p'";

    /// <inheritdoc/>
    public async Task<ComparisonResult> CompareAsync(EngineContext context, ComparisonOptions options, CancellationToken cancellationToken)
    {
        PostgresAccess access = new(context.Service, context.Secrets);
        await using NpgsqlConnection source = await access.ConnectAsync(context.Source.Writer, PostgresAccount.Control, "comparison", cancellationToken);
        await using NpgsqlConnection target = await access.ConnectAsync(context.Target.Writer, PostgresAccount.Control, "comparison", cancellationToken);
        string servers = $"{await IdentifierAsync(source, cancellationToken)}>{await IdentifierAsync(target, cancellationToken)} {context.UpgradeId}";
        ComparisonProgress progress = ComparisonLedger.Load(options, servers) ?? new ComparisonProgress { Servers = servers };
        Dictionary<(string, string), ComparedTable> tables = [];
        ComparisonProgress plan = progress.Ranges.Count > 0 ? new() : progress;
        foreach (string database in await source.TextsAsync(PostgresNames.Databases, cancellationToken))
        {
            await using ComparisonSession session = await ComparisonSession.OpenAsync(database, context, cancellationToken);
            plan = await PlanAsync(plan, session, tables, options, cancellationToken);
        }

        progress = progress.Ranges.Count > 0 ? progress : plan;
        ComparisonLedger ledger = new(progress, options, context.Reporter, context.Clock);
        try
        {
            await PostgresJobs.RunAsync(ledger.Open, CopySettings.Of(context.Service).Jobs, (line, token) => TakeAsync(line, tables, ledger, context, token), cancellationToken);
        }
        catch
        {
            ledger.Save();
            throw;
        }

        return ledger.Finish();
    }

    // One more database: its tables, their ranges, and those that the target has not at all.
    private static async Task<ComparisonProgress> PlanAsync(ComparisonProgress plan, ComparisonSession session, Dictionary<(string, string), ComparedTable> tables, ComparisonOptions options, CancellationToken cancellationToken)
    {
        HashSet<string> there = [.. await session.Target.TextsAsync(There, cancellationToken)];
        List<ComparedRange> ranges = [];
        List<DataDifference> missing = [];
        foreach (ComparedTable table in await TablesAsync(session.Source, session.Database, cancellationToken))
        {
            tables[(session.Database, table.Name)] = table;
            if (there.Contains($"{table.Schema}.{table.Relation}"))
            {
                ranges.AddRange(await SplitAsync(table, session.Source, cancellationToken));
            }
            else
            {
                missing.Add(ComparisonLedger.Difference(table, string.Empty, "Missing", "a table", string.Empty));
            }
        }

        return plan with { Ranges = [.. plan.Ranges, .. ranges], Differences = plan.Differences + missing.Count, Details = [.. plan.Details.Concat(missing).Take(options.MaxDifferences)] };
    }

    private static async Task TakeAsync(ConcurrentQueue<int> line, Dictionary<(string, string), ComparedTable> tables, ComparisonLedger ledger, EngineContext context, CancellationToken cancellationToken)
    {
        ComparisonSession? session = null;
        try
        {
            while (line.TryDequeue(out int number))
            {
                ComparedRange range = ledger[number];
                if (session?.Database != range.Database)
                {
                    await (session?.DisposeAsync() ?? ValueTask.CompletedTask);
                    session = await ComparisonSession.OpenAsync(range.Database, context, cancellationToken);
                }

                ComparedTable table = tables[(range.Database, range.Table)];
                await (table.Key.Count == 0 ? new KeylessComparison(table, session, ledger).RunAsync(number, cancellationToken) : new RangeComparison(table, session, ledger).RunAsync(number, cancellationToken));
            }
        }
        finally
        {
            await (session?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    // Keys of a sample part a large table into about equal ranges. Whatever they are, every key is in exactly one range.
    private static async Task<IEnumerable<ComparedRange>> SplitAsync(ComparedTable table, NpgsqlConnection source, CancellationToken cancellationToken)
    {
        int count = (int)Math.Clamp(table.Bytes / RangeBytes, 1, MostRanges);
        List<string> bounds = table.Key.Count == 0 || count == 1 ? [] : await source.TextsAsync(
            $"SELECT k FROM (SELECT {table.KeyLiterals} AS k, row_number() OVER (ORDER BY {table.KeyList}) AS n, count(*) OVER () AS all_of FROM {table.Name} TABLESAMPLE SYSTEM (1)) AS s WHERE n % greatest(all_of / {count}, 1) = 0 AND n < all_of ORDER BY n LIMIT {MostRanges}",
            cancellationToken);
        return bounds.Prepend(null).Zip(bounds.Append(null), (after, upTo) => new ComparedRange(table.Database, table.Name, after, upTo));
    }

    private static async Task<string> IdentifierAsync(NpgsqlConnection server, CancellationToken cancellationToken) =>
        await server.ScalarAsync<string>("SELECT system_identifier::text FROM pg_control_system()", cancellationToken) ?? string.Empty;

    private static Task<List<ComparedTable>> TablesAsync(NpgsqlConnection connection, string database, CancellationToken cancellationToken) =>
        connection.ListAsync(Tables, row => new ComparedTable(database, row.GetString(0), row.GetString(1), row.IsDBNull(2) ? [] : (string[])row.GetValue(2), row.GetInt64(3)), cancellationToken);
}
