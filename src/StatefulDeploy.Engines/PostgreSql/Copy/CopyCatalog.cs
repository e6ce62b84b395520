using Npgsql;

namespace StatefulDeploy.Engines.PostgreSql.Copy;

/// <summary>Which tables a database has, as far as a copy wants to know.</summary>
internal static class CopyCatalog
{
    // The binary form of a value holds object numbers where its type is somebody's own and made of others (a composite, an array), and where it is a
    // name of an object (regclass and its kind): on another server they mean something else. XML in binary tells an encoding. All that goes as text.
    private const string Portable = """
        NOT EXISTS (
            SELECT FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_type b ON b.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END LEFT JOIN pg_type e ON e.oid = b.typelem AND b.typlen = -1
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND b.typtype <> 'e'
            AND (b.oid >= 16384 OR b.typtype NOT IN ('b', 'r', 'm') OR b.typsend = 0 OR b.typreceive = 0 OR b.typname ~ '^_?(reg.*|xml)$'
                OR (e.oid IS NOT NULL AND (e.oid >= 16384 OR e.typtype NOT IN ('b', 'r', 'm') OR e.typsend = 0 OR e.typreceive = 0))))
        """;

    private const string Tables = $"""
        SELECT n.nspname::text, c.relname::text,
            coalesce((SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''), ''),
            {Portable}, coalesce(pg_relation_filenode(c.oid), 0::oid), pg_relation_size(c.oid) / current_setting('block_size')::bigint, pg_table_size(c.oid)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        """;

    /// <summary>The tables that a publication of all tables has; the largest first.</summary>
    public static async Task<List<CopyTable>> TablesAsync(NpgsqlConnection source, CancellationToken cancellationToken)
    {
        List<CopyTable> tables = await source.ListAsync(
            Tables,
            row => new CopyTable($"{PostgresText.Name(row.GetString(0))}.{PostgresText.Name(row.GetString(1))}", row.GetString(2), row.GetBoolean(3), row.GetFieldValue<uint>(4), row.GetInt64(5), row.GetInt64(6)),
            cancellationToken);
        return [.. tables.OrderByDescending(table => table.Bytes)];
    }

    /// <summary>The bytes of all tables and of all their indexes.</summary>
    public static async Task<(long Tables, long Indexes)> MeasureAsync(NpgsqlConnection source, CancellationToken cancellationToken) =>
        (await source.ListAsync(
            """
            SELECT coalesce(sum(pg_table_size(c.oid)), 0)::bigint, coalesce(sum(pg_indexes_size(c.oid)), 0)::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            """,
            row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken))[0];
}
