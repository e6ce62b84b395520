using Npgsql;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>What a source gets in each database while it is followed: our marks, the publication of all tables, and on blue the freeze of DDL.</summary>
internal static class PostgresSource
{
    private const string Mark = """
        CREATE SCHEMA IF NOT EXISTS statefuldeploy;
        CREATE TABLE IF NOT EXISTS statefuldeploy.mark (name text PRIMARY KEY, value text NOT NULL);
        CREATE TABLE IF NOT EXISTS statefuldeploy.object (object text PRIMARY KEY, digest text NOT NULL)
        """;

    // Temporary tables are a session's own and are left alone; so is what REFRESH makes.
    private const string Freeze = """
        CREATE OR REPLACE FUNCTION statefuldeploy.refuse_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $body$
        DECLARE refused text;
        BEGIN
            IF session_user = 'statefuldeploy' THEN RETURN; END IF;
            IF tg_event = 'sql_drop' THEN
                SELECT object_identity INTO refused FROM pg_catalog.pg_event_trigger_dropped_objects() WHERE NOT is_temporary LIMIT 1;
            ELSE
                SELECT coalesce(object_identity, '') INTO refused FROM pg_catalog.pg_event_trigger_ddl_commands()
                WHERE schema_name IS DISTINCT FROM 'pg_temp' AND command_tag <> 'REFRESH MATERIALIZED VIEW' LIMIT 1;
            END IF;
            IF refused IS NOT NULL THEN
                RAISE EXCEPTION '% % is refused: this database is being upgraded and its schema is frozen', tg_tag, refused
                    USING HINT = 'Wait until the upgrade has ended, or stop it with Stop-StatefulUpgrade.', ERRCODE = 'object_not_in_prerequisite_state';
            END IF;
        END $body$;
        DROP EVENT TRIGGER IF EXISTS statefuldeploy_ddl;
        DROP EVENT TRIGGER IF EXISTS statefuldeploy_drop;
        CREATE EVENT TRIGGER statefuldeploy_ddl ON ddl_command_end EXECUTE FUNCTION statefuldeploy.refuse_ddl();
        CREATE EVENT TRIGGER statefuldeploy_drop ON sql_drop EXECUTE FUNCTION statefuldeploy.refuse_ddl()
        """;

    /// <summary>Takes the freeze off a database, also from a copy of its schema.</summary>
    public const string Thaw = """
        DROP EVENT TRIGGER IF EXISTS statefuldeploy_ddl;
        DROP EVENT TRIGGER IF EXISTS statefuldeploy_drop;
        DROP FUNCTION IF EXISTS statefuldeploy.refuse_ddl()
        """;

    /// <summary>Makes what is missing in a database that is to be followed.</summary>
    public static async Task PrepareAsync(NpgsqlConnection database, bool freeze, CancellationToken cancellationToken)
    {
        await ScriptAsync(database, Mark, cancellationToken);
        if (freeze)
        {
            await ScriptAsync(database, Freeze, cancellationToken);
        }

        if (!await database.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_publication WHERE pubname = $1)", cancellationToken, PostgresNames.Publication))
        {
            await database.RunAsync($"CREATE PUBLICATION {PostgresNames.Publication} FOR ALL TABLES", cancellationToken);
        }
    }

    /// <summary>Removes all of it.</summary>
    public static async Task RemoveAsync(NpgsqlConnection database, CancellationToken cancellationToken)
    {
        await ScriptAsync(database, Thaw, cancellationToken);
        await database.RunAsync($"DROP PUBLICATION IF EXISTS {PostgresNames.Publication}", cancellationToken);
        await database.RunAsync("DROP SCHEMA IF EXISTS statefuldeploy CASCADE", cancellationToken);
    }

    /// <summary>Drops a slot, whoever uses it.</summary>
    public static async Task DropSlotAsync(NpgsqlConnection server, string slot, CancellationToken cancellationToken)
    {
        while (await server.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)", cancellationToken, slot))
        {
            try
            {
                await server.RunAsync("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = $1 AND active", cancellationToken, slot);
                await server.RunAsync("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND NOT active", cancellationToken, slot);
            }
            catch (UpgradeException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.ObjectInUse or PostgresErrorCodes.UndefinedObject })
            {
                // Its walsender came again, or it went meanwhile.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), cancellationToken);
        }
    }

    /// <summary>Runs a script in one transaction: a driver's parameters and a script do not go together.</summary>
    public static async Task ScriptAsync(NpgsqlConnection database, string script, CancellationToken cancellationToken)
    {
        await using NpgsqlTransaction transaction = await database.BeginTransactionAsync(cancellationToken);
        await database.RunAsync(script, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
