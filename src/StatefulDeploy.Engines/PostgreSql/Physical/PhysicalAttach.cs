using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.PostgreSql.Copy;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql.Physical;

/// <summary>Lets each database of a target that was made of a backup follow from the backup's point on, and takes away what came along and does not belong there.</summary>
internal sealed class PhysicalAttach(EngineContext context, CopySettings settings)
{
    private const string Outdated = """
        SELECT quote_ident(e.extname) FROM pg_extension e JOIN pg_available_extensions a ON a.name = e.extname
        WHERE a.default_version <> e.extversion AND EXISTS (SELECT FROM pg_extension_update_paths(e.extname) p WHERE p.source = e.extversion AND p.target = a.default_version AND p.path IS NOT NULL)
        """;

    private const string ReorderedDatabase = "SELECT datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid) FROM pg_database WHERE datname = current_database()";
    private const string ReorderedCollations = "SELECT oid::regcollation::text FROM pg_collation WHERE collversion IS NOT NULL AND collversion <> pg_collation_actual_version(oid)";

    private readonly PostgresAccess _access = new(context.Service, context.Secrets);

    /// <summary>Does it for all databases; what is done already is left alone.</summary>
    public async Task RunAsync(string lsn, CancellationToken cancellationToken)
    {
        foreach (Node replica in context.Target.Nodes.Where(node => node.Role == NodeRole.Replica))
        {
            await new PostgresGreenReplica(replica, context).BringUpAsync(cancellationToken);
        }

        await using NpgsqlConnection server = await ConnectAsync(isSource: true, "postgres", cancellationToken);
        List<string> databases = await server.TextsAsync(PostgresNames.Databases, cancellationToken);
        foreach (string database in databases)
        {
            if (!await server.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)", cancellationToken, PostgresNames.Slot(context.Target.Colour, database)))
            {
                throw new UpgradeException("DatabaseNotCarried", $"Database '{database}' was made on {context.Source.Colour} after replication had started.", "Drop it there, or undo the upgrade and begin again.", FailureCategory.WrongState) { Target = database };
            }

            await using NpgsqlConnection source = await ConnectAsync(isSource: true, database, cancellationToken);
            await using NpgsqlConnection target = await ConnectAsync(isSource: false, database, cancellationToken);
            await CleanAsync(target, cancellationToken);
            await new PostgresSubscription(context, database).AttachAsync(source, target, lsn, new Dictionary<string, string>(StringComparer.Ordinal), cancellationToken);
        }

        // It follows while the planner gets to know its tables.
        foreach (string database in databases)
        {
            await AnalyzeAsync(database, cancellationToken);
        }
    }

    private async Task CleanAsync(NpgsqlConnection target, CancellationToken cancellationToken)
    {
        await PostgresSource.ScriptAsync(target, PostgresSource.Thaw, cancellationToken);
        await target.RunAsync($"DROP PUBLICATION IF EXISTS {PostgresNames.Publication}", cancellationToken);
        foreach (string subscription in await target.TextsAsync(
            "SELECT quote_ident(s.subname) FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database() AND s.subname <> $1", cancellationToken, PostgresNames.Subscription(context.Target.Colour)))
        {
            await target.RunAsync($"ALTER SUBSCRIPTION {subscription} DISABLE", cancellationToken);
            await target.RunAsync($"ALTER SUBSCRIPTION {subscription} SET (slot_name = NONE)", cancellationToken);
            await target.RunAsync($"DROP SUBSCRIPTION {subscription}", cancellationToken);
        }

        foreach (string extension in await target.TextsAsync(Outdated, cancellationToken))
        {
            await target.RunAsync($"ALTER EXTENSION {extension} UPDATE", cancellationToken);
        }

        await MendOrderAsync(target, cancellationToken);
    }

    // Indexes over text came as they are: where this host sorts otherwise than blue's, they are made anew before anybody looks into them.
    private static async Task MendOrderAsync(NpgsqlConnection target, CancellationToken cancellationToken)
    {
        bool database = await target.ScalarAsync<bool>(ReorderedDatabase, cancellationToken);
        List<string> collations = await target.TextsAsync(ReorderedCollations, cancellationToken);
        if (!database && collations.Count == 0)
        {
            return;
        }

        string name = PostgresText.Name(target.Database);
        await target.RunAsync($"REINDEX DATABASE {name}", cancellationToken);
        foreach (string collation in collations)
        {
            await target.RunAsync($"ALTER COLLATION {collation} REFRESH VERSION", cancellationToken);
        }

        if (database)
        {
            await target.RunAsync($"ALTER DATABASE {name} REFRESH COLLATION VERSION", cancellationToken);
        }
    }

    private async Task AnalyzeAsync(string database, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection target = await ConnectAsync(isSource: false, database, cancellationToken);
        await PostgresJobs.RunAsync(
            await target.TextsAsync(PostgresReadiness.WithoutStatistics, cancellationToken),
            settings.Jobs,
            async (line, token) =>
            {
                await using NpgsqlConnection session = await ConnectAsync(isSource: false, database, token);
                while (line.TryDequeue(out string? table))
                {
                    await session.RunAsync($"ANALYZE {table}", token);
                }
            },
            cancellationToken);
    }

    private Task<NpgsqlConnection> ConnectAsync(bool isSource, string database, CancellationToken cancellationToken) =>
        _access.ConnectAsync(isSource ? context.Source.Writer : context.Target.Writer, PostgresAccount.Control, "copy", cancellationToken, database);
}
