using Npgsql;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>
/// What the schema of a followed database was when it was copied: a digest an object. The freeze is an event trigger, which a superuser's
/// session can pass by (<c>session_replication_role</c>), and a transaction that was open when it came had passed it already.
/// </summary>
internal static class PostgresSchemaMark
{
    private const int Shown = 5;

    // Places (file nodes, oids, where in a statement an expression stood) and what ANALYZE, TRUNCATE and REFRESH write are left out: they are no change of the schema.
    private const string Now = """
        WITH u AS (SELECT oid, nspname, nspowner, nspacl FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'statefuldeploy')),
        r AS (SELECT c.*, 'relation ' || quote_ident(u.nspname) || '.' || quote_ident(c.relname) AS object FROM pg_class c JOIN u ON u.oid = c.relnamespace WHERE c.relpersistence <> 't')
        SELECT object, md5(string_agg(part, '|' ORDER BY part)) AS digest FROM (
            SELECT object, concat_ws(':', 'c', relkind, relowner::regrole, relreplident, relrowsecurity, relforcerowsecurity, relacl, reloptions, relpersistence, relispartition) FROM r
            UNION ALL SELECT r.object, concat_ws(':', 'a', a.attnum, a.attname, a.atttypid::regtype, a.atttypmod, a.attnotnull, a.attisdropped, a.attidentity, a.attgenerated, a.attacl)
                FROM pg_attribute a JOIN r ON r.oid = a.attrelid WHERE a.attnum > 0 AND r.relkind NOT IN ('i', 'I')
            UNION ALL SELECT r.object, concat_ws(':', 'd', d.adnum, pg_get_expr(d.adbin, d.adrelid)) FROM pg_attrdef d JOIN r ON r.oid = d.adrelid
            UNION ALL SELECT r.object, concat_ws(':', 'k', k.conname, k.contype, k.convalidated, pg_get_constraintdef(k.oid)) FROM pg_constraint k JOIN r ON r.oid = k.conrelid
            UNION ALL SELECT r.object, concat_ws(':', 'x', i.indisvalid, i.indisunique, i.indkey, i.indoption, pg_get_expr(i.indpred, i.indrelid), pg_get_expr(i.indexprs, i.indrelid)) FROM pg_index i JOIN r ON r.oid = i.indexrelid
            UNION ALL SELECT r.object, concat_ws(':', 't', t.tgname, t.tgenabled, t.tgtype, md5(t.tgargs)) FROM pg_trigger t JOIN r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
            UNION ALL SELECT r.object, concat_ws(':', 'r', w.rulename, w.ev_enabled, md5(pg_get_ruledef(w.oid))) FROM pg_rewrite w JOIN r ON r.oid = w.ev_class
            UNION ALL SELECT r.object, concat_ws(':', 'o', o.polname, o.polcmd, pg_get_expr(o.polqual, o.polrelid), pg_get_expr(o.polwithcheck, o.polrelid)) FROM pg_policy o JOIN r ON r.oid = o.polrelid
            UNION ALL SELECT r.object, concat_ws(':', 'h', h.inhparent::regclass) FROM pg_inherits h JOIN r ON r.oid = h.inhrelid
            UNION ALL SELECT r.object, concat_ws(':', 's', s.seqtypid, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle) FROM pg_sequence s JOIN r ON r.oid = s.seqrelid
            UNION ALL SELECT 'function ' || quote_ident(u.nspname) || '.' || quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) || ')',
                concat_ws(':', 'p', p.prokind, p.proowner::regrole, md5(p.prosrc), md5(pg_get_function_sqlbody(p.oid)), p.prosecdef, p.proconfig, p.proacl) FROM pg_proc p JOIN u ON u.oid = p.pronamespace
            UNION ALL SELECT 'type ' || quote_ident(u.nspname) || '.' || quote_ident(t.typname), concat_ws(':', 'y', t.typtype, t.typowner::regrole, t.typbasetype::regtype, t.typnotnull, t.typacl, e.enumsortorder, e.enumlabel)
                FROM pg_type t JOIN u ON u.oid = t.typnamespace LEFT JOIN pg_enum e ON e.enumtypid = t.oid WHERE t.typtype IN ('e', 'd', 'r')
            UNION ALL SELECT 'schema ' || quote_ident(nspname), concat_ws(':', nspowner::regrole, nspacl) FROM u) AS parts(object, part)
        GROUP BY object
        """;

    /// <summary>Keeps what the schema is, before it is copied.</summary>
    public static async Task KeepAsync(NpgsqlConnection source, CancellationToken cancellationToken)
    {
        await using NpgsqlTransaction transaction = await source.BeginTransactionAsync(cancellationToken);
        await source.RunAsync("DELETE FROM statefuldeploy.object", cancellationToken);
        await source.RunAsync($"INSERT INTO statefuldeploy.object {Now}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Proves that the schema is still what was copied.</summary>
    /// <exception cref="UpgradeException">It has changed.</exception>
    public static async Task ProveAsync(NpgsqlConnection source, string database, CancellationToken cancellationToken)
    {
        List<string> changed = await source.TextsAsync(
            $"""
            SELECT coalesce(kept.object, now.object) || CASE WHEN kept.object IS NULL THEN ' (new)' WHEN now.object IS NULL THEN ' (dropped)' ELSE '' END
            FROM statefuldeploy.object kept FULL JOIN ({Now}) AS now ON now.object = kept.object
            WHERE now.digest IS DISTINCT FROM kept.digest AND EXISTS (SELECT FROM statefuldeploy.object) ORDER BY 1
            """,
            cancellationToken);
        if (changed.Count > 0)
        {
            throw new UpgradeException(
                "SchemaChanged",
                $"The schema of database '{database}' was changed past its freeze since it was copied: {string.Join(", ", changed.Take(Shown))}{(changed.Count > Shown ? $" and {changed.Count - Shown} more" : string.Empty)}. The other cluster has nothing of it.",
                "Take the change back, then go on; or undo the upgrade and begin again with the schema as it is now.",
                FailureCategory.WrongState) { Target = database };
        }
    }
}
