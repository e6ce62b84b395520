using System.Globalization;
using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql.Physical;

/// <summary>Why a cluster cannot be carried by a base backup and <c>pg_upgrade</c>; each as a sentence with its remedy.</summary>
internal static class PhysicalObstacles
{
    private const int SendersNeeded = 3;

    // What pg_upgrade itself refuses in users' tables ("Usage", step of the checks, in its documentation): their values hold numbers that the new server gives anew.
    private const string Types = """
        SELECT DISTINCT n.nspname || '.' || c.relname || '.' || a.attname || ' (' || t.typname || ')' FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.typelem END
        WHERE c.relkind IN ('r', 'm', 'i') AND NOT a.attisdropped AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND (coalesce(b.typname, t.typname) = ANY ($1) OR t.typname = ANY ($1)) ORDER BY 1
        """;

    private static readonly string[] ByNumber = ["regcollation", "regconfig", "regdictionary", "regnamespace", "regoper", "regoperator", "regproc", "regprocedure"];

    /// <summary>Looks for all of them.</summary>
    public static async Task<IReadOnlyList<string>> FindAsync(EngineContext context, CancellationToken cancellationToken)
    {
        PostgresAccess access = new(context.Service, context.Secrets);
        Node green = context.Target.Writer;
        IHost host = context.Hosts[green.Host];
        int from = PostgresSoftware.MajorOf(context.Source.Version);
        if (from >= PostgresSoftware.MajorOf(green.Version))
        {
            return [$"green's version {green.Version} is not newer than {context.Source.Version}, so there is nothing for pg_upgrade to do"];
        }

        List<string> found = [];
        PostgresSoftware? old = await OldAsync(context, host, found, cancellationToken);
        await using NpgsqlConnection server = await access.ConnectAnyAsync(context.Source.Writer, "preflight", cancellationToken);
        await InspectServerAsync(server, found, cancellationToken);
        foreach (string database in await server.TextsAsync(PostgresNames.Databases, cancellationToken))
        {
            await using NpgsqlConnection one = await access.ConnectAnyAsync(context.Source.Writer, "preflight", cancellationToken, database);
            await InspectDatabaseAsync(one, database, from, old, host, found, cancellationToken);
        }

        return found;
    }

    private static async Task<PostgresSoftware?> OldAsync(EngineContext context, IHost host, List<string> found, CancellationToken cancellationToken)
    {
        try
        {
            PostgresSoftware old = await PostgresSoftware.FindAsync(context.Service, context.Source.Version, host, cancellationToken);
            PostgresSoftware young = await PostgresSoftware.FindAsync(context.Service, context.Target.Version, host, cancellationToken);
            foreach (string program in new[] { old["pg_basebackup"], old["pg_controldata"], young["pg_upgrade"], young["initdb"] })
            {
                if ((await host.RunAsync(new HostCommand("test", "-x", program), cancellationToken)).ExitCode != 0)
                {
                    found.Add($"{program} is not on host '{host.Name}' (install the packages of server and client of both versions)");
                }
            }

            return old;
        }
        catch (UpgradeException exception) when (exception.ErrorId == "SoftwareMissing")
        {
            found.Add($"the programs of blue's version are needed on green's host too: {exception.Message} {exception.RecommendedAction}");
            return null;
        }
    }

    private static async Task InspectServerAsync(NpgsqlConnection server, List<string> found, CancellationToken cancellationToken)
    {
        if (await server.TextsAsync("SELECT spcname::text FROM pg_tablespace WHERE spcname !~ '^pg_' ORDER BY 1", cancellationToken) is { Count: > 0 } tablespaces)
        {
            found.Add($"blue has tablespaces ({string.Join(", ", tablespaces)}), whose places both versions would share (ALTER DATABASE … and ALTER TABLE … SET TABLESPACE pg_default; DROP TABLESPACE …)");
        }

        if (await server.TextsAsync("SELECT datname::text FROM pg_database WHERE (NOT datallowconn AND datname <> 'template0') OR datconnlimit = -2 ORDER BY 1", cancellationToken) is { Count: > 0 } closed)
        {
            found.Add($"pg_upgrade wants to look into every database, and into {string.Join(", ", closed)} nobody may (ALTER DATABASE … ALLOW_CONNECTIONS true; or drop it)");
        }

        if (await server.TextsAsync("SELECT name FROM unnest(ARRAY['postgres', 'template1']) AS t(name) WHERE name NOT IN (SELECT datname FROM pg_database)", cancellationToken) is { Count: > 0 } gone)
        {
            found.Add($"pg_upgrade needs the database {string.Join(" and ", gone)} (CREATE DATABASE …)");
        }

        long senders = long.Parse(await server.SettingAsync("max_wal_senders", cancellationToken), CultureInfo.InvariantCulture)
            - await server.ScalarAsync<long>("SELECT count(*) FROM pg_stat_replication WHERE application_name NOT LIKE 'statefuldeploy%'", cancellationToken);
        if (senders < SendersNeeded)
        {
            found.Add($"max_wal_senders leaves room for {senders}, and a base backup and its recovery need {SendersNeeded} (ALTER SYSTEM SET max_wal_senders = …; restart)");
        }
    }

    private static async Task InspectDatabaseAsync(NpgsqlConnection database, string name, int from, PostgresSoftware? old, IHost host, List<string> found, CancellationToken cancellationToken)
    {
        string[] refused = from < 16 ? [.. ByNumber, "aclitem", "_aclitem"] : ByNumber;
        if (await database.TextsAsync(Types, cancellationToken, (object)refused) is { Count: > 0 } columns)
        {
            found.Add($"pg_upgrade carries no columns of these types: {string.Join(", ", columns.Take(5))} in database {name} (ALTER TABLE … ALTER COLUMN … TYPE text)");
        }

        foreach (string library in await database.TextsAsync("SELECT DISTINCT probin FROM pg_proc WHERE probin IS NOT NULL AND oid >= 16384 ORDER BY 1", cancellationToken))
        {
            if (old is not null && !await old.HasLibraryAsync(library, host, cancellationToken))
            {
                found.Add($"the library {library} of blue's version, which database {name} uses, is not on host '{host.Name}' (install the extension's package for blue's version there too)");
            }
        }
    }
}
