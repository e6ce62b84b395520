using Npgsql;
using Npgsql.Replication;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.PostgreSql.Copy;

/// <summary>
/// What a database was at one point of its log, for many sessions at once. A slot that is made shows it: the changes of the slot begin exactly where
/// the snapshot ends ("Snapshot Synchronization" and CREATE_REPLICATION_SLOT in PostgreSQL's documentation). It is there as long as its session is.
/// </summary>
internal sealed class CopySnapshot : IAsyncDisposable
{
    private readonly LogicalReplicationConnection _session;

    private CopySnapshot(LogicalReplicationConnection session, string name, string lsn)
    {
        _session = session;
        Name = name;
        Lsn = lsn;
    }

    /// <summary>Its name, for <c>SET TRANSACTION SNAPSHOT</c>.</summary>
    public string Name { get; }

    /// <summary>The point of the log that it shows.</summary>
    public string Lsn { get; }

    /// <summary>Makes a slot, which waits for the transactions that are under way, and holds the snapshot at its beginning.</summary>
    /// <param name="connection">How the database is reached as our role.</param>
    /// <param name="slot">The slot's name.</param>
    /// <param name="isTemporary">Whether the slot goes with the session: only the snapshot is wanted.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <exception cref="UpgradeException">The source refused it, or was lost.</exception>
    public static async Task<CopySnapshot> TakeAsync(string connection, string slot, bool isTemporary, CancellationToken cancellationToken)
    {
        LogicalReplicationConnection session = new(connection);
        try
        {
            await session.Open(cancellationToken);
            var made = await session.CreatePgOutputReplicationSlot(slot, isTemporary, LogicalSlotSnapshotInitMode.Export, false, cancellationToken);
            return new CopySnapshot(session, made.SnapshotName!, made.ConsistentPoint.ToString());
        }
        catch (Exception exception)
        {
            await session.DisposeAsync();
            if (exception is PostgresException refused)
            {
                throw new UpgradeException("SlotRefused", $"The slot {slot} could not be made: {refused.MessageText} ({refused.SqlState}).", "See that max_replication_slots and max_wal_senders leave room, and read the server's log.", FailureCategory.OperationFailed, exception) { Target = slot };
            }

            if (exception is NpgsqlException or IOException or TimeoutException)
            {
                throw new UpgradeException("ConnectionLost", $"The source was lost while the slot {slot} was made: {exception.Message}", "Check that the server runs.", FailureCategory.Unreachable, exception) { Target = slot };
            }

            throw;
        }
    }

    /// <summary>Begins a transaction that sees it.</summary>
    /// <exception cref="UpgradeException">It is gone: its session has ended.</exception>
    public async Task<NpgsqlTransaction> BeginAsync(NpgsqlConnection source, CancellationToken cancellationToken)
    {
        NpgsqlTransaction transaction = await source.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        try
        {
            await source.RunAsync($"SET TRANSACTION SNAPSHOT {PostgresText.Literal(Name)}", cancellationToken);
            return transaction;
        }
        catch
        {
            await transaction.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _session.DisposeAsync();
}
