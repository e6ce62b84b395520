using System.Text.RegularExpressions;
using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>Makes a database of green with blue's schema and no rows, by the newer version's <c>pg_dump</c>.</summary>
internal sealed partial class PostgresSchemaCopy(EngineContext context)
{
    private const string Maintenance = "postgres";

    private readonly PostgresAccess _access = new(context.Service, context.Secrets);

    /// <summary>Makes it anew: whatever an earlier try has left is removed.</summary>
    public async Task CopyAsync(string database, CancellationToken cancellationToken)
    {
        Node target = context.Target.Writer;
        IHost host = context.Hosts[target.Host];
        PostgresSoftware software = await PostgresSoftware.FindAsync(context.Service, target.Version, host, cancellationToken);
        PostgresProgram program = new(host, null);
        await ClearAsync(database, target, cancellationToken);
        string[] create = database == Maintenance ? [] : ["--create"];
        (string from, IReadOnlyDictionary<string, string?> reader) = _access.ForPrograms(context.Source.Writer, PostgresAccount.Control, database);
        string dump = await program.RunAsync(new HostCommand(software["pg_dump"], ["--schema-only", "--no-publications", "--no-subscriptions", "--no-tablespaces", .. create, "-d", from]) { Environment = reader }, cancellationToken);
        (string to, IReadOnlyDictionary<string, string?> writer) = _access.ForPrograms(target, PostgresAccount.Control, Maintenance);
        await program.RunAsync(new HostCommand(software["psql"], "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", to, "-f", "-") { Environment = writer, Input = WithoutVersions(dump) }, cancellationToken);
        await using NpgsqlConnection made = await _access.ConnectAsync(target, PostgresAccount.Control, "schema", cancellationToken, database);
        await PostgresSource.ScriptAsync(made, PostgresSource.Thaw, cancellationToken);
    }

    // Servers from 15.20 on keep a version of their own with each column (pg_attver, a fix of November 2026). A pg_dump from before writes it down
    // as if it were an option of the user's, and a server from before refuses it.
    private static string WithoutVersions(string dump) => OnlyVersion().Replace(VersionAmong().Replace(dump, "${before}SET ("), string.Empty);

    [GeneratedRegex(@"^ALTER (FOREIGN )?TABLE .* ALTER COLUMN .* SET \(pg_attver='?[0-9]+'?\);\n", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex OnlyVersion();

    [GeneratedRegex(@"^(?<before>ALTER (FOREIGN )?TABLE .* ALTER COLUMN .* )SET \(pg_attver='?[0-9]+'?, ", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex VersionAmong();

    private async Task ClearAsync(string database, Node target, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection server = await _access.ConnectAsync(target, PostgresAccount.Control, "schema", cancellationToken, Maintenance);
        if (database != Maintenance)
        {
            await server.RunAsync($"DROP DATABASE IF EXISTS {PostgresText.Name(database)} WITH (FORCE)", cancellationToken);
            return;
        }

        // The one that we are connected to cannot be dropped: it is emptied.
        foreach (string schema in await server.TextsAsync("SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')", cancellationToken))
        {
            await server.RunAsync($"DROP SCHEMA {PostgresText.Name(schema)} CASCADE", cancellationToken);
        }

        await PostgresSource.ScriptAsync(server, "DROP PUBLICATION IF EXISTS statefuldeploy; DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public AUTHORIZATION pg_database_owner; GRANT USAGE ON SCHEMA public TO PUBLIC; COMMENT ON SCHEMA public IS 'standard public schema'", cancellationToken);
    }
}
