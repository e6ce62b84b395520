using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql.Workload;

/// <summary>
/// The statements that cost blue most, by <c>pg_stat_statements</c>, as scripts. That has their text without their values: those are drawn from
/// the columns that a statement compares its parameters with, a row at a time, so that what belongs together stays together.
/// </summary>
internal sealed partial class PostgresSample(string folder)
{
    private const int Draws = 4;
    private const int MostWeight = 100;
    private const long FewRows = 10_000;

    /// <summary>The scripts of a suite's sample, drawn now where there are none.</summary>
    /// <exception cref="UpgradeException">Blue keeps no statistics of statements, or none of the client's.</exception>
    public async Task<IReadOnlyList<WorkloadScript>> PrepareAsync(EngineContext context, SuiteDescription suite, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
        {
            await DrawAsync(context, suite, cancellationToken);
        }

        return [.. Directory.EnumerateFiles(folder, "*.sql").Order(StringComparer.Ordinal).Select(file => new WorkloadScript(file, int.Parse(Path.GetFileNameWithoutExtension(file).Split('-')[^1], CultureInfo.InvariantCulture)))];
    }

    private async Task DrawAsync(EngineContext context, SuiteDescription suite, CancellationToken cancellationToken)
    {
        PostgresAccess access = new(context.Service, context.Secrets);
        await using NpgsqlConnection control = await access.ConnectAsync(context.Source.Writer, PostgresAccount.Control, "sample", cancellationToken, access.ClientDatabase);
        await using NpgsqlConnection client = await access.ConnectAsync(context.Source.Writer, PostgresAccount.Client, "sample", cancellationToken);
        IReadOnlyList<(string Text, long Calls)> statements = await StatementsAsync(control, suite, access.ClientUser, cancellationToken);
        long most = statements.Select(statement => statement.Calls).DefaultIfEmpty(1).Max();
        string made = folder + ".new";
        Directory.CreateDirectory(made);
        int number = 0;
        foreach ((string text, long calls) in statements)
        {
            int weight = (int)Math.Max(1, MostWeight * calls / most);
            foreach (string script in (await FillAsync(text, client, cancellationToken)).Distinct(StringComparer.Ordinal))
            {
                await File.WriteAllTextAsync(Path.Combine(made, string.Create(CultureInfo.InvariantCulture, $"{++number:000}-{weight}.sql")), script + ";\n", cancellationToken);
            }
        }

        if (number == 0)
        {
            Directory.Delete(made, recursive: true);
            throw new UpgradeException("NothingSampled", $"pg_stat_statements on {context.Source.Writer} has no statement of '{access.ClientUser}' in '{access.ClientDatabase}' that could be replayed.", "Let it collect for a while, or name scripts in the suite's workload.", FailureCategory.WrongState) { Target = suite.Name };
        }

        Directory.Move(made, folder);
    }

    private static async Task<IReadOnlyList<(string Text, long Calls)>> StatementsAsync(NpgsqlConnection control, SuiteDescription suite, string user, CancellationToken cancellationToken)
    {
        string schema = await control.ScalarAsync<string>("SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'", cancellationToken)
            ?? throw new UpgradeException("NoStatements", $"The extension pg_stat_statements is not in database '{control.Database}'.", "CREATE EXTENSION pg_stat_statements; with shared_preload_libraries = 'pg_stat_statements' on the server.", FailureCategory.WrongState) { Target = suite.Name };
        string kinds = suite.Writes ? "^\\s*(select|insert|update|delete|with)\\M" : "^\\s*select\\M(?!.*\\mfor\\s+(update|share|no|key)\\M)";
        return await control.ListAsync(
            $"SELECT s.query, s.calls FROM {schema}.pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid JOIN pg_roles r ON r.oid = s.userid WHERE d.datname = current_database() AND r.rolname = $1 AND s.query ~* $2 AND s.query !~ '(pg_catalog|pg_stat|statefuldeploy)' ORDER BY s.total_exec_time DESC LIMIT $3",
            row => (row.GetString(0), row.GetInt64(1)), cancellationToken, user, kinds, suite.Workload!.Sample);
    }

    // With its parameters replaced by values; none where one of them is compared with nothing that has values.
    private static async Task<IReadOnlyList<string>> FillAsync(string statement, NpgsqlConnection client, CancellationToken cancellationToken)
    {
        int parameters = PostgresScript.Parameters(statement);
        if (parameters == 0)
        {
            return [statement];
        }

        if (await new PostgresPlans(client).ExplainAsync(statement, cancellationToken) is not { } plan)
        {
            return [];
        }

        Dictionary<int, (string Relation, string Column)> columns = Columns(plan);
        Dictionary<int, string[]> values = Limits(statement);
        foreach (IGrouping<string, KeyValuePair<int, (string Relation, string Column)>> relation in columns.GroupBy(pair => pair.Value.Relation, StringComparer.Ordinal))
        {
            int[] numbers = [.. relation.Select(pair => pair.Key)];
            IReadOnlyList<string[]> rows = await RowsAsync(client, relation.Key, [.. relation.Select(pair => pair.Value.Column)], cancellationToken);
            for (int i = 0; i < numbers.Length && rows.Count > 0; i++)
            {
                int column = i;
                values[numbers[i]] = [.. Enumerable.Range(0, Draws).Select(draw => rows[draw % rows.Count][column])];
            }
        }

        return Enumerable.Range(1, parameters).All(values.ContainsKey)
            ? [.. Enumerable.Range(0, Draws).Select(draw => Placeholder().Replace(statement, match => values[int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture)] is var drawn ? drawn[draw % drawn.Length] : match.Value))]
            : [];
    }

    private static Dictionary<int, (string Relation, string Column)> Columns(JsonElement plan)
    {
        Dictionary<int, (string, string)> found = [];
        foreach (JsonElement node in PostgresPlans.Nodes(plan).Where(node => node.TryGetProperty("Relation Name", out _)))
        {
            string relation = $"{PostgresText.Name(node.GetProperty("Schema").GetString()!)}.{PostgresText.Name(node.GetProperty("Relation Name").GetString()!)}";
            foreach (string condition in new[] { "Index Cond", "Recheck Cond", "Filter" })
            {
                if (!node.TryGetProperty(condition, out JsonElement text))
                {
                    continue;
                }

                foreach (Match match in Comparison().Matches(text.GetString()!))
                {
                    found.TryAdd(int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture), (relation, match.Groups["column"].Value));
                }
            }
        }

        return found;
    }

    private static Dictionary<int, string[]> Limits(string statement) => Limit().Matches(statement).ToDictionary(
        match => int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture), match => new[] { match.Groups["word"].Value.Equals("offset", StringComparison.OrdinalIgnoreCase) ? "0" : "10" });

    // Of a large table only some pages are read.
    private static async Task<IReadOnlyList<string[]>> RowsAsync(NpgsqlConnection client, string relation, string[] columns, CancellationToken cancellationToken)
    {
        double rows = await client.ScalarAsync<float>("SELECT reltuples FROM pg_class WHERE oid = $1::regclass", cancellationToken, relation);
        string part = rows > FewRows ? string.Create(CultureInfo.InvariantCulture, $" TABLESAMPLE SYSTEM ({Math.Clamp(100.0 * FewRows / rows, 0.01, 100)})") : string.Empty;
        string wanted = string.Join(" AND ", columns.Select(column => $"{column} IS NOT NULL"));
        return await client.ListAsync(
            string.Create(CultureInfo.InvariantCulture, $"SELECT {string.Join(", ", columns.Select(column => $"quote_literal({column}::text)"))} FROM {relation}{part} WHERE {wanted} ORDER BY random() LIMIT {Draws}"),
            row => Enumerable.Range(0, columns.Length).Select(row.GetString).ToArray(), cancellationToken);
    }

    // As EXPLAIN writes it: a column, perhaps with its table's name before and a type behind it, and a parameter.
    [GeneratedRegex(@"(?:\w+\.)?\(?(?<column>""(?:[^""]|"""")+""|[a-z_][a-z0-9_$]*)\)?(?:::[a-z ]+)? (?:=|<|>|<=|>=|<>|~~) \(?\$(?<number>[0-9]+)\b", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Comparison();

    [GeneratedRegex(@"\b(?<word>limit|offset)\s+\$(?<number>[0-9]+)", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Limit();

    [GeneratedRegex(@"\$(?<number>[0-9]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}
