using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.PostgreSql.Physical;

namespace StatefulDeploy.Engines.PostgreSql.Copy;

/// <summary>Fills the databases of a target that follow nobody yet, in the way that the service file names; goes on with what was begun.</summary>
internal sealed class InitialCopy(EngineContext context)
{
    private readonly PostgresAccess _access = new(context.Service, context.Secrets);
    private readonly CopySettings _settings = CopySettings.Of(context.Service);

    /// <summary>Sets the copy up; returns before its rows are there.</summary>
    /// <param name="databases">The databases of the source.</param>
    /// <param name="target">Any session on the target.</param>
    /// <param name="cancellationToken">Stops the setting up.</param>
    public async Task StartAsync(IReadOnlyList<string> databases, NpgsqlConnection target, CancellationToken cancellationToken)
    {
        if (await IsPhysicalAsync(databases, target, cancellationToken))
        {
            await new PhysicalSetup(context).StartAsync(databases, cancellationToken);
            return;
        }

        bool isUnderWay = false;
        foreach (string database in databases)
        {
            await using NpgsqlConnection origin = await _access.ConnectAsync(context.Source.Writer, PostgresAccount.Control, "replication", cancellationToken, database);
            await PostgresSource.PrepareAsync(origin, freeze: true, cancellationToken);
            isUnderWay |= await StartAsync(database, origin, target, cancellationToken);
        }

        if (isUnderWay && !await CopyProcess.RunsAsync(context, cancellationToken))
        {
            await CopyProcess.StartAsync(context, cancellationToken);
        }
    }

    // A copy goes on in the way in which it was begun; one database that has to be filled anew gets its rows.
    private async Task<bool> IsPhysicalAsync(IReadOnlyList<string> databases, NpgsqlConnection target, CancellationToken cancellationToken)
    {
        if (_settings.Way is CopyWay.Logical or CopyWay.Subscription || await target.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_subscription WHERE subname = $1)", cancellationToken, PostgresNames.Subscription(context.Target.Colour)))
        {
            return false;
        }

        foreach (string database in databases)
        {
            await using NpgsqlConnection? there = await TryConnectAsync(database, cancellationToken);
            if (there is not null && (await CopyRecord.FindAsync(there, context.UpgradeId, cancellationToken)).IsThere)
            {
                return false;
            }
        }

        await using NpgsqlConnection source = await _access.ConnectAsync(context.Source.Writer, PostgresAccount.Control, "replication", cancellationToken);
        long bytes = await source.ScalarAsync<long>("SELECT coalesce(sum(pg_database_size(oid)), 0)::bigint FROM pg_database", cancellationToken);
        CopyChoice choice = await CopyChoice.MakeAsync(context, bytes, cancellationToken);
        return choice.IsRefused
            ? throw new UpgradeException("PhysicalCopyImpossible", $"Green cannot be filled by a base backup: {string.Join("; ", choice.Obstacles)}.", $"Mend that, or settings: {{ {CopySettings.WaySetting}: logical }}.", FailureCategory.Refused) { Target = CopySettings.WaySetting }
            : choice.Way == CopyWay.Physical;
    }

    // Whether our own copy has something to do here.
    private async Task<bool> StartAsync(string database, NpgsqlConnection origin, NpgsqlConnection target, CancellationToken cancellationToken)
    {
        PostgresSubscription subscription = new(context, database);
        await using (NpgsqlConnection? there = await TryConnectAsync(database, cancellationToken))
        {
            bool follows = there is not null && await subscription.FindAsync(there, cancellationToken) is not null;
            (bool isBegun, string? lsn) = there is null ? (false, null) : await CopyRecord.FindAsync(there, context.UpgradeId, cancellationToken);
            if ((follows || isBegun) && await CanGoOnAsync(subscription, isSlotWanted: follows || lsn is not null, follows, origin, there!, cancellationToken))
            {
                if (!isBegun)
                {
                    await subscription.EnableAsync(there!, true, cancellationToken);
                }

                return isBegun;
            }

            // What it lacks is not kept any more, or it has what does not belong there and nobody but we could mend it: it is filled anew.
            await CopyProcess.EndAsync(context, cancellationToken);
            if (follows)
            {
                await subscription.DropAsync(there!, cancellationToken);
            }
        }

        await PostgresSource.DropSlotAsync(target, PostgresNames.Slot(context.Source.Colour, database), cancellationToken);
        await PostgresSource.DropSlotAsync(origin, subscription.Slot, cancellationToken);
        await PostgresSchemaMark.KeepAsync(origin, cancellationToken);
        await FillAsync(database, subscription, origin, cancellationToken);
        return _settings.Way != CopyWay.Subscription;
    }

    private async Task FillAsync(string database, PostgresSubscription subscription, NpgsqlConnection origin, CancellationToken cancellationToken)
    {
        bool isOurs = _settings.Way != CopyWay.Subscription;
        await new PostgresSchemaCopy(context).CopyAsync(database, isOurs ? PostgresSchemaCopy.BeforeRows : PostgresSchemaCopy.Whole, cancellationToken);
        await using NpgsqlConnection made = await _access.ConnectAsync(context.Target.Writer, PostgresAccount.Control, "replication", cancellationToken, database);
        if (isOurs)
        {
            await CopyRecord.BeginAsync(made, context.UpgradeId, cancellationToken);
        }
        else
        {
            await subscription.FillAsync(origin, made, cancellationToken);
        }
    }

    private async Task<bool> CanGoOnAsync(PostgresSubscription subscription, bool isSlotWanted, bool follows, NpgsqlConnection origin, NpgsqlConnection there, CancellationToken cancellationToken)
    {
        string? kept = await origin.ScalarAsync<string>("SELECT wal_status::text FROM pg_replication_slots WHERE slot_name = $1", cancellationToken, subscription.Slot);
        return (!isSlotWanted || kept is not (null or "lost" or "unreserved")) && (!follows || !await PostgresReplicationStatus.HasFailedAsync(there, context, cancellationToken));
    }

    private async Task<NpgsqlConnection?> TryConnectAsync(string database, CancellationToken cancellationToken)
    {
        try
        {
            return await _access.ConnectAsync(context.Target.Writer, PostgresAccount.Control, "replication", cancellationToken, database);
        }
        catch (UpgradeException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName })
        {
            return null;
        }
    }
}
