using System.Collections.Concurrent;
using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>The acts of the closed window, over connections that are open before it begins.</summary>
internal sealed class PostgresSwitchover : ISwitchover
{
    private const string WriteMark = "INSERT INTO statefuldeploy.mark VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";

    // One exchange: the mark is written, and it is told whether there is what replication does not carry.
    private const string MarkUnlessLarge = $"WITH written AS ({WriteMark} RETURNING 1) SELECT EXISTS (SELECT FROM pg_largeobject_metadata) FROM written";
    private const string ReadMark = "SELECT value FROM statefuldeploy.mark WHERE name = 'drain'";

    private readonly PostgresWindowLinks _links = new();
    private readonly ConcurrentDictionary<string, PostgresSequences> _sequences = new(StringComparer.Ordinal);
    private IReadOnlyList<string> _databases = [];

    /// <inheritdoc/>
    public async Task RehearseAsync(EngineContext context, CancellationToken cancellationToken)
    {
        await PostgresReplicas.EnsureHealthyAsync(context, cancellationToken);
        await PrepareAsync(context, cancellationToken);
        foreach (string database in _databases)
        {
            NpgsqlConnection target = await _links.GetAsync(context.Target.Writer, database, context, cancellationToken);
            await PostgresReadiness.MakeReadyAsync(await _links.GetAsync(context.Source.Writer, database, context, cancellationToken), target, cancellationToken);
            await AdvanceAsync(context, database, target, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task PrepareAsync(EngineContext context, CancellationToken cancellationToken)
    {
        NpgsqlConnection server = await _links.RefreshAsync(context.Source.Writer, "postgres", context, cancellationToken);
        NpgsqlConnection follower = await _links.RefreshAsync(context.Target.Writer, "postgres", context, cancellationToken);
        _databases = await server.TextsAsync(PostgresNames.Databases, cancellationToken);
        foreach (string database in _databases)
        {
            if (await new PostgresSubscription(context, database).FindAsync(follower, cancellationToken) is null)
            {
                throw new UpgradeException("DatabaseNotCarried", $"Database '{database}' is on {context.Source.Colour} and is not followed by {context.Target.Colour}: it was made after replication had started.", "Drop it there, or start replication again.", FailureCategory.WrongState) { Target = database };
            }

            await PrepareAsync(database, context, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task EndOpenWritesAsync(EngineContext context, CancellationToken cancellationToken)
    {
        NpgsqlConnection server = await _links.GetAsync(context.Source.Writer, "postgres", context, cancellationToken);
        await PostgresStrangers.EndAsync(server, TimeSpan.Zero, cancellationToken);
        (long prepared, List<string> there) = await LeftAsync(server, cancellationToken);
        if (prepared > 0)
        {
            throw new UpgradeException("PreparedTransactionsOpen", $"{prepared} transaction(s) are prepared on {context.Source.Writer} and neither committed nor rolled back: the target has nothing of them.", "COMMIT PREPARED or ROLLBACK PREPARED those of pg_prepared_xacts, then switch again.", FailureCategory.WrongState) { Target = context.Source.Writer.Name };
        }

        if (context.Target.Shards.Count > 0 && there.Except(_databases, StringComparer.Ordinal).FirstOrDefault() is { } late)
        {
            throw new UpgradeException("DatabaseNotCarried", $"Database '{late}' was made on {context.Source.Colour} right before the window.", "Drop it, or start replication again.", FailureCategory.WrongState) { Target = late };
        }
    }

    /// <inheritdoc/>
    public async Task<ClusterPosition> ReadPositionAsync(EngineContext context, CancellationToken cancellationToken)
    {
        string mark = Guid.NewGuid().ToString("N");
        await Task.WhenAll(_databases.Select(async database =>
        {
            NpgsqlConnection source = await _links.GetAsync(context.Source.Writer, database, context, cancellationToken);
            if (await source.ScalarAsync<bool>(MarkUnlessLarge, cancellationToken, "drain", mark))
            {
                throw new UpgradeException("LargeObjects", $"Database '{database}' has large objects, which replication does not carry.", "Move them into columns of type bytea, then switch again.", FailureCategory.WrongState) { Target = database };
            }
        }));
        NpgsqlConnection server = await _links.GetAsync(context.Source.Writer, "postgres", context, cancellationToken);
        string lsn = await server.ScalarAsync<string>("SELECT pg_current_wal_lsn()::text", cancellationToken) ?? string.Empty;
        PostgresPosition position = new(lsn, _databases.ToDictionary(database => database, _ => mark, StringComparer.Ordinal));
        return Cluster(context.Source, position);
    }

    /// <inheritdoc/>
    public async Task DrainAsync(EngineContext context, ClusterPosition position, CancellationToken cancellationToken)
    {
        PostgresPosition wanted = PostgresPosition.Parse(position.ByShard[context.Source.Shards[0].Name]);
        await Task.WhenAll(wanted.Marks.Select(pair => AppliedAsync(pair.Key, pair.Value, context, cancellationToken)));

        // A subscriber commits without waiting for its disk. One commit that does wait flushes all before it, of every database.
        NpgsqlConnection target = await _links.GetAsync(context.Target.Writer, "postgres", context, cancellationToken);
        await target.RunAsync(WriteMark, cancellationToken, "durable", Guid.NewGuid().ToString("N"));
        await PostgresReplicas.DrainAsync(target, context, cancellationToken);
    }

    /// <inheritdoc/>
    public Task FinalizeAsync(EngineContext context, CancellationToken cancellationToken) => Task.WhenAll(_databases.Select(async database =>
    {
        NpgsqlConnection source = await _links.GetAsync(context.Source.Writer, database, context, cancellationToken);
        NpgsqlConnection target = await _links.GetAsync(context.Target.Writer, database, context, cancellationToken);
        await _sequences[database].CarryAsync(source, target, cancellationToken);
    }));

    /// <inheritdoc/>
    // A subscriber of logical replication is a writer like any other: there is nothing to promote, but a point from which the source can follow.
    // The subscription stays as it is until the direction turns; its source is closed, and if that opens again after all, it goes on by itself.
    public async Task<ClusterPosition> PromoteAsync(EngineContext context, CancellationToken cancellationToken)
    {
        KeyValuePair<string, string>[] points = await Task.WhenAll(_databases.Select(async database => KeyValuePair.Create(
            database, await AdvanceAsync(context, database, await _links.GetAsync(context.Target.Writer, database, context, cancellationToken), cancellationToken))));
        return Cluster(context.Target, new PostgresPosition(points.LastOrDefault().Value ?? string.Empty, new Dictionary<string, string>(points, StringComparer.Ordinal)));
    }

    /// <inheritdoc/>
    public async Task<bool> AnswersAsync(EngineContext context, CancellationToken cancellationToken)
    {
        try
        {
            NpgsqlConnection target = await _links.GetAsync(context.Target.Writer, "postgres", context, cancellationToken);
            return await target.ScalarAsync<int>("SELECT 1", cancellationToken) == 1;
        }
        catch (UpgradeException)
        {
            return false; // Why is found out by the guard.
        }
    }

    /// <inheritdoc/>
    public async Task DemoteAsync(EngineContext context, CancellationToken cancellationToken)
    {
        await _links.CloseAsync();
        PostgresAccess access = new(context.Service, context.Secrets);
        await using NpgsqlConnection server = await access.ConnectAsync(context.Target.Writer, PostgresAccount.Control, "demote", cancellationToken);
        foreach (string database in await server.TextsAsync(PostgresNames.Databases, cancellationToken))
        {
            PostgresSubscription subscription = new(context, database);
            if (await subscription.FindAsync(server, cancellationToken) is not null)
            {
                await using NpgsqlConnection target = await access.ConnectAsync(context.Target.Writer, PostgresAccount.Control, "demote", cancellationToken, database);
                await subscription.EnableAsync(target, true, cancellationToken);
            }
        }
    }

    private static async Task<(long Prepared, List<string> Databases)> LeftAsync(NpgsqlConnection server, CancellationToken cancellationToken)
    {
        List<(long Prepared, string Database)> rows = await server.ListAsync(
            $"SELECT (SELECT count(*) FROM pg_prepared_xacts), d FROM ({PostgresNames.Databases}) AS t(d)", row => (row.GetInt64(0), row.GetString(1)), cancellationToken);
        return (rows[0].Prepared, [.. rows.Select(row => row.Database)]);
    }

    private static ClusterPosition Cluster(ClusterLayout layout, PostgresPosition position) =>
        new(layout.Shards.ToDictionary(shard => shard.Name, _ => position.ToString(), StringComparer.Ordinal));

    // From before this point on the target has what it was given; from it on what its own clients write.
    private static async Task<string> AdvanceAsync(EngineContext context, string database, NpgsqlConnection target, CancellationToken cancellationToken) =>
        await target.ScalarAsync<string>("SELECT end_lsn::text FROM pg_replication_slot_advance($1, pg_current_wal_flush_lsn())", cancellationToken, PostgresNames.Slot(context.Source.Colour, database)) ?? string.Empty;

    private async Task PrepareAsync(string database, EngineContext context, CancellationToken cancellationToken)
    {
        NpgsqlConnection source = await _links.RefreshAsync(context.Source.Writer, database, context, cancellationToken);
        if (context.Source.Colour == ClusterColour.Blue)
        {
            await PostgresSchemaMark.ProveAsync(source, database, cancellationToken);
        }

        NpgsqlConnection target = await _links.RefreshAsync(context.Target.Writer, database, context, cancellationToken);
        await PostgresSource.PrepareAsync(target, freeze: false, cancellationToken);
        string slot = PostgresNames.Slot(context.Source.Colour, database);
        if (!await target.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)", cancellationToken, slot))
        {
            await target.RunAsync("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", cancellationToken, slot);
        }

        await AdvanceAsync(context, database, target, cancellationToken);
        await _sequences.GetOrAdd(database, _ => new PostgresSequences()).PrepareAsync(source, target, cancellationToken);
        await target.ScalarAsync<string>(ReadMark, cancellationToken);
    }

    private async Task AppliedAsync(string database, string mark, EngineContext context, CancellationToken cancellationToken)
    {
        NpgsqlConnection target = await _links.GetAsync(context.Target.Writer, database, context, cancellationToken);
        while (await target.ScalarAsync<string>(ReadMark, cancellationToken) != mark)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), context.Clock, cancellationToken);
        }
    }
}
