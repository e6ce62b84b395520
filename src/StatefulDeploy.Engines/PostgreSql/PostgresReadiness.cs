using Npgsql;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>What a filled target needs before it may serve: statistics for the planner, and materialized views with their rows.</summary>
internal static class PostgresReadiness
{
    /// <summary>The tables that the planner knows too little of. Automatic analysis may have come in the middle of the copy, or when a view was not filled yet, and never comes for a parent of partitions.</summary>
    public const string WithoutStatistics = """
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_stat_user_tables t ON t.relid = c.oid
        WHERE c.relkind IN ('r', 'm', 'p') AND c.relpersistence = 'p'
        AND ((t.last_analyze IS NULL AND t.last_autoanalyze IS NULL) OR t.n_mod_since_analyze > 100 + 0.1 * greatest(c.reltuples, 0)
            OR (c.relkind <> 'p' AND pg_relation_size(c.oid) > 0 AND NOT EXISTS (SELECT FROM pg_statistic s WHERE s.starelid = c.oid))) ORDER BY c.relkind = 'p'
        """;

    private const string Populated = "SELECT quote_ident(schemaname) || '.' || quote_ident(matviewname) FROM pg_matviews WHERE ispopulated = $1";

    /// <summary>Makes what is missing.</summary>
    public static async Task MakeReadyAsync(NpgsqlConnection source, NpgsqlConnection target, CancellationToken cancellationToken)
    {
        HashSet<string> wanted = [.. await source.TextsAsync(Populated, cancellationToken, true)];
        foreach (string view in (await target.TextsAsync(Populated, cancellationToken, false)).Where(wanted.Contains))
        {
            await target.RunAsync($"REFRESH MATERIALIZED VIEW {view}", cancellationToken);
        }

        foreach (string table in await target.TextsAsync(WithoutStatistics, cancellationToken))
        {
            await target.RunAsync($"ANALYZE {table}", cancellationToken);
        }
    }
}
