using Npgsql;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>What stands against carrying one database.</summary>
internal static class PostgresDatabaseInspection
{
    private const int Named = 5;
    private const string Users = "n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'statefuldeploy')";

    private const string WithoutIdentity = $"""
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND {Users}
        AND (c.relreplident = 'n' OR (c.relreplident = 'd' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary))) ORDER BY 1
        """;

    private const string Unlogged = $"""
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND c.relpersistence = 'u' AND {Users} ORDER BY 1
        """;

    private const string FiringTriggers = $"""
        SELECT t.tgname || ' on ' || c.oid::regclass::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT t.tgisinternal AND t.tgenabled IN ('A', 'R') AND {Users} ORDER BY 1
        """;

    /// <summary>Asks one database.</summary>
    public static async Task InspectAsync(NpgsqlConnection connection, string database, IReadOnlySet<string> extensions, List<Finding> findings, CancellationToken cancellationToken)
    {
        string subject = $"database {database}";
        if (await connection.TextsAsync(WithoutIdentity, cancellationToken) is { Count: > 0 } bare)
        {
            findings.Add(Finding.Refuse("NoReplicaIdentity", subject, $"{bare.Count} table(s) have no primary key or replica identity, so their updates and deletes would be refused as soon as they are published: {Some(bare)}.", string.Join(' ', bare.Take(Named).Select(table => $"ALTER TABLE {table} REPLICA IDENTITY FULL;")) + " Or better, add a primary key."));
        }

        if (await connection.TextsAsync(Unlogged, cancellationToken) is { Count: > 0 } unlogged)
        {
            findings.Add(Finding.Refuse("UnloggedTables", subject, $"{unlogged.Count} unlogged table(s) are not carried: {Some(unlogged)}.", string.Join(' ', unlogged.Take(Named).Select(table => $"ALTER TABLE {table} SET LOGGED;")) + " Or drop them."));
        }

        if (await connection.ScalarAsync<long>("SELECT count(*) FROM pg_largeobject_metadata", cancellationToken) is > 0 and var objects)
        {
            findings.Add(Finding.Refuse("LargeObjects", subject, $"{objects} large object(s) are not carried.", "Move them into columns of type bytea: UPDATE … SET content = lo_get(id); then SELECT lo_unlink(oid) FROM pg_largeobject_metadata;"));
        }

        if (await connection.TextsAsync(FiringTriggers, cancellationToken) is { Count: > 0 } triggers)
        {
            findings.Add(Finding.Refuse("TriggersFireOnApply", subject, $"{triggers.Count} trigger(s) would fire on green too while it follows, and apply their effect twice: {Some(triggers)}.", "ALTER TABLE … ENABLE TRIGGER …; (instead of ENABLE ALWAYS or REPLICA) until the upgrade has ended."));
        }

        if ((await connection.TextsAsync("SELECT extname::text FROM pg_extension ORDER BY 1", cancellationToken)).Where(name => !extensions.Contains(name)).ToList() is { Count: > 0 } missing)
        {
            findings.Add(Finding.Refuse("ExtensionMissing", subject, $"Green's software has no extension {string.Join(", ", missing)}.", $"Install it for green's version; or, if it is not used: {string.Join(' ', missing.Select(name => $"DROP EXTENSION {PostgresText.Name(name)};"))}"));
        }
    }

    private static string Some(List<string> names) => string.Join(", ", names.Take(Named)) + (names.Count > Named ? ", …" : string.Empty);
}
