using Npgsql;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.PostgreSql.Comparison;

/// <summary>One of several that compare at once: a session on each side of one database, and one that watches what the target has applied.</summary>
internal sealed class ComparisonSession : IAsyncDisposable
{
    private const string Alike = "SELECT set_config('datestyle', 'ISO, YMD', false), set_config('intervalstyle', 'iso_8601', false), set_config('timezone', 'UTC', false), set_config('extra_float_digits', '3', false), "
        + "set_config('bytea_output', 'hex', false), set_config('lc_monetary', 'C', false), set_config('xmloption', 'content', false), set_config('row_security', 'off', false)";

    private static readonly TimeSpan AppliedWithin = TimeSpan.FromSeconds(60);

    private readonly EngineContext _context;
    private readonly NpgsqlConnection _watch;

    private ComparisonSession(string database, EngineContext context, NpgsqlConnection source, NpgsqlConnection target, NpgsqlConnection watch)
    {
        Database = database;
        Source = source;
        Target = target;
        _context = context;
        _watch = watch;
    }

    /// <summary>The database.</summary>
    public string Database { get; }

    /// <summary>The session on source.</summary>
    public NpgsqlConnection Source { get; }

    /// <summary>The session on target.</summary>
    public NpgsqlConnection Target { get; }

    /// <summary>Opens the sessions. Values are compared as text, so both sides are made to write it alike.</summary>
    public static async Task<ComparisonSession> OpenAsync(string database, EngineContext context, CancellationToken cancellationToken)
    {
        PostgresAccess access = new(context.Service, context.Secrets);
        NpgsqlConnection source = await access.ConnectAsync(context.Source.Writer, PostgresAccount.Control, "comparison", cancellationToken, database);
        NpgsqlConnection target = await access.ConnectAsync(context.Target.Writer, PostgresAccount.Control, "comparison", cancellationToken, database);
        NpgsqlConnection watch = await access.ConnectAsync(context.Source.Writer, PostgresAccount.Control, "comparison", cancellationToken, database);
        await source.RunAsync(Alike, cancellationToken);
        await target.RunAsync(Alike, cancellationToken);
        return new ComparisonSession(database, context, source, target, watch);
    }

    /// <summary>Waits until the target has applied what was written on the source before now.</summary>
    /// <exception cref="UpgradeException">It does not.</exception>
    public async Task AppliedAsync(CancellationToken cancellationToken)
    {
        string slot = PostgresNames.Slot(_context.Target.Colour, Database);
        string lsn = await _watch.ScalarAsync<string>("SELECT pg_current_wal_flush_lsn()::text", cancellationToken) ?? string.Empty;
        for (long start = _context.Clock.GetTimestamp(); ; await Task.Delay(TimeSpan.FromMilliseconds(2), _context.Clock, cancellationToken))
        {
            if (await _watch.ScalarAsync<bool>("SELECT r.replay_lsn >= $1::pg_lsn FROM pg_replication_slots s JOIN pg_stat_replication r ON r.pid = s.active_pid WHERE s.slot_name = $2", cancellationToken, lsn, slot))
            {
                return;
            }

            if (_context.Clock.GetElapsedTime(start) > AppliedWithin)
            {
                throw new UpgradeException("ComparisonStalled", $"Database '{Database}': the target had not applied {lsn} within {AppliedWithin.TotalSeconds:0} s.", "See whether replication runs, then compare again.", FailureCategory.Timeout) { Target = Database };
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await Target.DisposeAsync();
        await _watch.DisposeAsync();
    }
}
