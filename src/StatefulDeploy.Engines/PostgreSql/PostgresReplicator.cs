using System.Collections.Concurrent;
using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.PostgreSql.Copy;
using StatefulDeploy.Engines.PostgreSql.Physical;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>Carries data by logical replication: one publication, slot and subscription a database.</summary>
internal sealed class PostgresReplicator : IReplicator
{
    private readonly ConcurrentDictionary<(string Service, ClusterColour Source), PostgresSlotSafety> _safety = new();

    /// <inheritdoc/>
    public async Task StartAsync(EngineContext context, ClusterPosition? from, CancellationToken cancellationToken)
    {
        PostgresAccess access = new(context.Service, context.Secrets);
        await using NpgsqlConnection source = await PostgresControl.EnsureAsync(context.Source.Writer, access, context.Hosts[context.Source.Writer.Host], "replication", cancellationToken);
        List<string> databases = await source.TextsAsync(PostgresNames.Databases, cancellationToken);
        if (from is null && await PhysicalRecord.FindAsync(context, cancellationToken) is not null)
        {
            // The target may be gone at this moment.
            await new PhysicalSetup(context).StartAsync(databases, cancellationToken);
            return;
        }

        await using NpgsqlConnection target = await PostgresControl.EnsureAsync(context.Target.Writer, access, context.Hosts[context.Target.Writer.Host], "replication", cancellationToken);
        if (from is null)
        {
            await new InitialCopy(context).StartAsync(databases, target, cancellationToken);
            return;
        }

        foreach (string database in databases)
        {
            await using NpgsqlConnection origin = await access.ConnectAsync(context.Source.Writer, PostgresAccount.Control, "replication", cancellationToken, database);
            await TurnAsync(database, PostgresPosition.Parse(from.ByShard[context.Source.Shards[0].Name]), origin, context, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task<ReplicationStatus> GetStatusAsync(EngineContext context, CancellationToken cancellationToken)
    {
        ReplicationStatus status = new() { Service = context.Service.Name, Source = context.Source.Colour };
        try
        {
            return await _safety.GetOrAdd((context.Service.Name, context.Source.Colour), _ => new PostgresSlotSafety()).ProtectAsync(context, cancellationToken) is { } givenUp
                ? status with { State = ReplicationState.Broken, Message = givenUp }
                : await PostgresReplicationStatus.ReadAsync(status, context, cancellationToken);
        }
        catch (UpgradeException exception)
        {
            return status with { State = ReplicationState.Broken, Message = exception.Message };
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(EngineContext context, CancellationToken cancellationToken)
    {
        await CopyProcess.RemoveAsync(context, cancellationToken);
        await new PhysicalSetup(context).RemoveAsync(cancellationToken);
        PostgresAccess access = new(context.Service, context.Secrets);
        await using NpgsqlConnection source = await access.ConnectAnyAsync(context.Source.Writer, "replication", cancellationToken);
        foreach (string database in await source.TextsAsync(PostgresNames.Databases, cancellationToken))
        {
            PostgresSubscription subscription = new(context, database);
            await DetachAsync(subscription, database, access, context, cancellationToken);
            await PostgresSource.DropSlotAsync(source, subscription.Slot, cancellationToken);
            await PostgresSource.DropSlotAsync(source, subscription.CopySlot, cancellationToken);

            // The slot that was captured for the other direction.
            await PostgresSource.DropSlotAsync(source, PostgresNames.Slot(context.Source.Colour, database), cancellationToken);
            // And a subscription by which source followed before it was the source, where no way back has taken its place.
            await using NpgsqlConnection origin = await access.ConnectAnyAsync(context.Source.Writer, "replication", cancellationToken, database);
            await new PostgresSubscription(context with { Source = context.Target, Target = context.Source }, database).DropAsync(origin, cancellationToken);
            await PostgresSource.RemoveAsync(origin, cancellationToken);
        }

        // Our role and its rules stay: the file is the fence's, so only the guard changes it, with the end of the other cluster.
    }

    // The direction turns: what followed is followed now, from the slot that was captured before it opened.
    private static async Task TurnAsync(string database, PostgresPosition from, NpgsqlConnection origin, EngineContext context, CancellationToken cancellationToken)
    {
        PostgresAccess access = new(context.Service, context.Secrets);
        await using NpgsqlConnection follower = await access.ConnectAsync(context.Target.Writer, PostgresAccount.Control, "replication", cancellationToken, database);
        PostgresSubscription subscription = new(context, database);
        PostgresSubscription opposite = new(context with { Source = context.Target, Target = context.Source }, database);
        await opposite.DropAsync(origin, cancellationToken);
        await PostgresSource.DropSlotAsync(follower, opposite.Slot, cancellationToken);
        await subscription.AttachAsync(origin, follower, from.Marks.GetValueOrDefault(database), new Dictionary<string, string>(StringComparer.Ordinal), cancellationToken);
    }

    private static async Task DetachAsync(PostgresSubscription subscription, string database, PostgresAccess access, EngineContext context, CancellationToken cancellationToken)
    {
        try
        {
            await using NpgsqlConnection target = await access.ConnectAsync(context.Target.Writer, PostgresAccount.Control, "replication", cancellationToken, database);
            await subscription.DropAsync(target, cancellationToken);
        }
        catch (UpgradeException exception) when (exception.Category is FailureCategory.Unreachable or FailureCategory.AccessDenied)
        {
            // A target that is gone, or has not this database, follows nobody.
        }
    }
}
