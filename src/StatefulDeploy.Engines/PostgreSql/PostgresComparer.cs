using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>Compares every row of every table of every database, a chunk of keys at a time, while writes go on.</summary>
internal sealed class PostgresComparer : IDataComparer
{
    // What replication carries: permanent tables that are not the system's and not ours. Partitions are compared, their parents hold nothing.
    private const string Tables = """
        SELECT n.nspname::text, c.relname::text,
            (SELECT array_agg(quote_ident(a.attname) ORDER BY k.ord) FROM unnest(i.indkey) WITH ORDINALITY k(num, ord) JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.num WHERE k.ord <= i.indnkeyatts)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_index i ON i.indrelid = c.oid AND CASE WHEN c.relreplident = 'i' THEN i.indisreplident ELSE i.indisprimary END
        WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'statefuldeploy') ORDER BY 1, 2
        """;

    /// <inheritdoc/>
    public async Task<ComparisonResult> CompareAsync(EngineContext context, ComparisonOptions options, CancellationToken cancellationToken)
    {
        long start = context.Clock.GetTimestamp();
        PostgresAccess access = new(context.Service, context.Secrets);
        PostgresFindings findings = new(options.MaxDifferences);
        await using NpgsqlConnection server = await access.ConnectAsync(context.Source.Writer, PostgresAccount.Control, "comparison", cancellationToken);
        foreach (string database in await server.TextsAsync(PostgresNames.Databases, cancellationToken))
        {
            await CompareAsync(database, server, access, context, findings, cancellationToken);
        }

        return new ComparisonResult(findings.Rows, findings.Count, findings.Details, context.Clock.GetElapsedTime(start));
    }

    private static async Task CompareAsync(string database, NpgsqlConnection server, PostgresAccess access, EngineContext context, PostgresFindings findings, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection source = await OpenAsync(context.Source.Writer, database, access, cancellationToken);
        await using NpgsqlConnection target = await OpenAsync(context.Target.Writer, database, access, cancellationToken);
        List<PostgresTable> tables = await TablesAsync(source, database, cancellationToken);
        HashSet<string> there = [.. (await TablesAsync(target, database, cancellationToken)).Select(table => table.Name)];
        foreach (PostgresTable table in tables)
        {
            if (there.Remove(table.Name))
            {
                await new PostgresTableComparison(table, source, target, server, context, findings).RunAsync(cancellationToken);
            }
            else
            {
                findings.Add(table, string.Empty, "Missing", "a table", string.Empty);
            }
        }
    }

    // Values are compared as text, so both sides must write it alike.
    private static async Task<NpgsqlConnection> OpenAsync(Node node, string database, PostgresAccess access, CancellationToken cancellationToken)
    {
        NpgsqlConnection connection = await access.ConnectAsync(node, PostgresAccount.Control, "comparison", cancellationToken, database);
        await connection.RunAsync(
            "SELECT set_config('datestyle', 'ISO, YMD', false), set_config('intervalstyle', 'iso_8601', false), set_config('timezone', 'UTC', false), set_config('extra_float_digits', '3', false), "
            + "set_config('bytea_output', 'hex', false), set_config('lc_monetary', 'C', false), set_config('xmloption', 'content', false), set_config('row_security', 'off', false)",
            cancellationToken);
        return connection;
    }

    private static Task<List<PostgresTable>> TablesAsync(NpgsqlConnection connection, string database, CancellationToken cancellationToken) =>
        connection.ListAsync(Tables, row => new PostgresTable(database, row.GetString(0), row.GetString(1), row.IsDBNull(2) ? [] : (string[])row.GetValue(2)), cancellationToken);
}
