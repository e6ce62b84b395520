using Npgsql;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>The subscription of one database of a target to the same database of a source.</summary>
internal sealed class PostgresSubscription(EngineContext context, string database)
{
    private readonly PostgresAccess _access = new(context.Service, context.Secrets);
    private readonly string _name = PostgresNames.Subscription(context.Target.Colour);

    /// <summary>Its slot on the source.</summary>
    public string Slot { get; } = PostgresNames.Slot(context.Target.Colour, database);

    /// <summary>The slot of a session that copies from a later snapshot; it goes with the session.</summary>
    public string CopySlot => Slot + "_copy";

    /// <summary>Whether there is one; null when there is none, else whether it is enabled. Asked of any database: subscriptions are known in the whole server.</summary>
    public Task<bool?> FindAsync(NpgsqlConnection target, CancellationToken cancellationToken) => target.ScalarAsync<bool?>(
        "SELECT s.subenabled FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE s.subname = $1 AND d.datname = $2", cancellationToken, _name, database);

    /// <summary>Makes it with a copy of all tables, and its slot.</summary>
    public async Task FillAsync(NpgsqlConnection source, NpgsqlConnection target, CancellationToken cancellationToken)
    {
        await PostgresSource.DropSlotAsync(source, Slot, cancellationToken);
        await target.RunAsync($"CREATE SUBSCRIPTION {_name} CONNECTION {Connection()} PUBLICATION {PostgresNames.Publication} WITH (slot_name = {Slot})", cancellationToken);
    }

    /// <summary>Makes it upon a slot that was captured before, from a point on; one that was made and not begun yet is begun.</summary>
    /// <param name="source">What is followed.</param>
    /// <param name="target">What follows.</param>
    /// <param name="from">The LSN from which changes are wanted; null for where the slot stands.</param>
    /// <param name="later">Tables, quoted, that were copied as of a later LSN, and want changes only from that on.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="UpgradeException">The slot is gone.</exception>
    public async Task AttachAsync(NpgsqlConnection source, NpgsqlConnection target, string? from, IReadOnlyDictionary<string, string> later, CancellationToken cancellationToken)
    {
        bool? enabled = await FindAsync(target, cancellationToken);
        if (enabled is null)
        {
            if (!await source.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)", cancellationToken, Slot))
            {
                throw new UpgradeException("WayBackPointMissing", $"The slot {Slot} from which {context.Target.Colour} could follow is gone.", "Stay where you are.", FailureCategory.WrongState) { Target = Slot };
            }

            await target.RunAsync($"CREATE SUBSCRIPTION {_name} CONNECTION {Connection()} PUBLICATION {PostgresNames.Publication} WITH (slot_name = {Slot}, create_slot = false, copy_data = false, enabled = false)", cancellationToken);
        }

        if (enabled != true)
        {
            await BeginLaterAsync(target, later, cancellationToken);

            // A crash takes a slot back to where it was saved last, and what lies between has come from here: it must not come twice.
            await target.RunAsync(
                """
                SELECT pg_replication_origin_advance('pg_' || s.oid, $2::text::pg_lsn) FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
                WHERE s.subname = $1 AND d.datname = current_database() AND $2 IS NOT NULL AND pg_replication_origin_progress('pg_' || s.oid, false) IS NULL
                """,
                cancellationToken, _name, from);
            await EnableAsync(target, true, cancellationToken);
        }
    }

    /// <summary>Lets it go on, or stand still.</summary>
    public Task EnableAsync(NpgsqlConnection target, bool enable, CancellationToken cancellationToken) =>
        target.RunAsync($"ALTER SUBSCRIPTION {_name} {(enable ? "ENABLE" : "DISABLE")}", cancellationToken);

    /// <summary>Removes it on the target; its slot is another matter, for the source may be gone.</summary>
    public async Task DropAsync(NpgsqlConnection target, CancellationToken cancellationToken)
    {
        if (await FindAsync(target, cancellationToken) is null)
        {
            return;
        }

        await EnableAsync(target, false, cancellationToken);
        await target.RunAsync($"ALTER SUBSCRIPTION {_name} SET (slot_name = NONE)", cancellationToken);
        await target.RunAsync($"DROP SUBSCRIPTION {_name}", cancellationToken);
    }

    // What the server's own copy of a table leaves behind when it has ended at a point ("SYNCDONE" in its sources, pg_subscription_rel in its
    // documentation): changes that were committed before it are passed over for this table.
    private async Task BeginLaterAsync(NpgsqlConnection target, IReadOnlyDictionary<string, string> later, CancellationToken cancellationToken)
    {
        if (later.Count > 0)
        {
            await target.RunAsync(
                """
                UPDATE pg_subscription_rel r SET srsubstate = 's', srsublsn = l.lsn::pg_lsn FROM unnest($1, $2) AS l(name, lsn), pg_subscription s
                WHERE r.srrelid = l.name::regclass AND r.srsubid = s.oid AND s.subname = $3 AND s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
                """,
                cancellationToken, later.Keys.ToArray(), later.Values.ToArray(), _name);
        }
    }

    private string Connection() => PostgresText.Literal(_access.ServerConnection(context.Source.Writer, database) + " application_name=statefuldeploy-subscription");
}
