using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.PostgreSql.Copy;

namespace StatefulDeploy.Engines.PostgreSql.Physical;

/// <summary>Sets a physical copy up, or lets one go on: the slots come first, so that the source keeps all changes from before the backup on.</summary>
internal sealed class PhysicalSetup(EngineContext context)
{
    private readonly PostgresAccess _access = new(context.Service, context.Secrets);

    /// <summary>Sets it up; returns before anything is copied. Needs no target that answers.</summary>
    public async Task StartAsync(IReadOnlyList<string> databases, CancellationToken cancellationToken)
    {
        PhysicalRecord? record = await PhysicalRecord.FindAsync(context, cancellationToken);
        if (record is not null && await CopyProcess.RunsAsync(context, cancellationToken))
        {
            return;
        }

        bool isWhole = record is not null && await KeepsAsync(databases, cancellationToken);
        if (!isWhole)
        {
            // What it has is of no use without all that came after it.
            await CopyProcess.EndAsync(context, cancellationToken);
            await FinishSwapAsync(record, cancellationToken);
            await PhysicalPlace.RemoveAsync(context, cancellationToken);
            await MakeSlotsAsync(databases, cancellationToken);
            record = await new PhysicalRecord(context.UpgradeId, PhysicalStage.BackUp, 0, null, null, null).SaveAsync(context, cancellationToken);
        }

        await CopyProcess.StartAsync(context, cancellationToken, PhysicalCopy.Tell(record!.Stage));
    }

    /// <summary>Ends it and removes what it has made. Green is a whole server afterwards, of whichever data.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        if (await PhysicalRecord.FindAsync(context, cancellationToken) is { } record)
        {
            await FinishSwapAsync(record, cancellationToken);
            await PhysicalPlace.RemoveAsync(context, cancellationToken);
        }
    }

    /// <summary>A green whose data directory is being exchanged is brought to the end of that.</summary>
    public async Task FinishSwapAsync(PhysicalRecord? record, CancellationToken cancellationToken)
    {
        if (record?.Stage is PhysicalStage.Swap or PhysicalStage.Attach)
        {
            await using NpgsqlConnection source = await _access.ConnectAnyAsync(context.Source.Writer, "copy", cancellationToken);
            await PhysicalSwap.RunAsync(context, await PhysicalPlace.OpenAsync(context, await source.SettingAsync("data_directory", cancellationToken), cancellationToken), cancellationToken);
        }
    }

    private async Task<bool> KeepsAsync(IReadOnlyList<string> databases, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection source = await ConnectAsync("postgres", cancellationToken);
        string[] slots = [.. databases.Select(database => PostgresNames.Slot(context.Target.Colour, database))];
        return await source.ScalarAsync<long>("SELECT count(*) FROM pg_replication_slots WHERE slot_name = ANY ($1) AND wal_status NOT IN ('lost', 'unreserved')", cancellationToken, (object)slots) == slots.Length;
    }

    private async Task MakeSlotsAsync(IReadOnlyList<string> databases, CancellationToken cancellationToken)
    {
        foreach (string database in databases)
        {
            await using NpgsqlConnection origin = await ConnectAsync(database, cancellationToken);
            await PostgresSource.PrepareAsync(origin, freeze: true, cancellationToken);
            await PostgresSchemaMark.KeepAsync(origin, cancellationToken);
            string slot = PostgresNames.Slot(context.Target.Colour, database);
            await PostgresSource.DropSlotAsync(origin, slot, cancellationToken);
            await origin.RunAsync("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", cancellationToken, slot);
        }
    }

    private Task<NpgsqlConnection> ConnectAsync(string database, CancellationToken cancellationToken) =>
        _access.ConnectAsync(context.Source.Writer, PostgresAccount.Control, "replication", cancellationToken, database);
}
