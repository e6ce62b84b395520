using Npgsql;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>The sequences of one database, which logical replication does not carry: all are set before the window, and in it those that moved since.</summary>
internal sealed class PostgresSequences
{
    private const string Names = """
        SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'S' AND c.relpersistence <> 't' ORDER BY 1
        """;

    private const string Set = "SELECT count(setval(s::regclass, v, c)) FROM unnest($1, $2, $3) AS t(s, v, c)";

    private readonly Dictionary<string, (long Value, bool Called)> _set = new(StringComparer.Ordinal);
    private string? _read;

    /// <summary>Before the window: knows them, and sets them all.</summary>
    public async Task PrepareAsync(NpgsqlConnection source, NpgsqlConnection target, CancellationToken cancellationToken)
    {
        _set.Clear();
        List<string> names = await source.TextsAsync(Names, cancellationToken);
        _read = names.Count == 0 ? null : string.Join(" UNION ALL ", names.Select(name => $"SELECT {PostgresText.Literal(name)}, last_value, is_called FROM {name}"));
        await CarryAsync(source, target, cancellationToken);
    }

    /// <summary>Sets those that are not what was set last.</summary>
    public async Task CarryAsync(NpgsqlConnection source, NpgsqlConnection target, CancellationToken cancellationToken)
    {
        if (_read is null)
        {
            return;
        }

        List<(string Name, long Value, bool Called)> now = await source.ListAsync(_read, row => (row.GetString(0), row.GetInt64(1), row.GetBoolean(2)), cancellationToken);
        List<(string Name, long Value, bool Called)> moved = [.. now.Where(one => !_set.TryGetValue(one.Name, out (long, bool) last) || last != (one.Value, one.Called))];
        if (moved.Count == 0)
        {
            return;
        }

        await target.RunAsync(Set, cancellationToken, moved.Select(one => one.Name).ToArray(), moved.Select(one => one.Value).ToArray(), moved.Select(one => one.Called).ToArray());
        foreach ((string name, long value, bool called) in moved)
        {
            _set[name] = (value, called);
        }
    }
}
