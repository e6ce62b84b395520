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

    /// <summary>All of a schema, for tables that are filled afterwards row by row.</summary>
    public const string Whole = "--schema-only";

    /// <summary>What rows need to be there: tables, types, functions.</summary>
    public const string BeforeRows = "--section=pre-data";

    /// <summary>What is better made when the rows are there: indexes, keys, triggers.</summary>
    public const string AfterRows = "--section=post-data";

    /// <summary>Makes it anew: whatever an earlier try has left is removed.</summary>
    /// <param name="database">The database.</param>
    /// <param name="section"><see cref="Whole"/> or <see cref="BeforeRows"/>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task CopyAsync(string database, string section, CancellationToken cancellationToken)
    {
        Node target = context.Target.Writer;
        IHost host = context.Hosts[target.Host];
        PostgresSoftware software = await PostgresSoftware.FindAsync(context.Service, target.Version, host, cancellationToken);
        await ClearAsync(database, target, cancellationToken);
        string dump = await DumpAsync(database, section, cancellationToken, database == Maintenance ? [] : ["--create"]);
        (string to, IReadOnlyDictionary<string, string?> writer) = _access.ForPrograms(target, PostgresAccount.Control, Maintenance);
        await new PostgresProgram(host, null).RunAsync(new HostCommand(software["psql"], "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", to, "-f", "-") { Environment = writer, Input = WithoutVersions(dump) }, cancellationToken);
        await using NpgsqlConnection made = await _access.ConnectAsync(target, PostgresAccount.Control, "schema", cancellationToken, database);
        await PostgresSource.ScriptAsync(made, PostgresSource.Thaw, cancellationToken);
    }

    /// <summary>A part of a database's schema as statements.</summary>
    public async Task<string> DumpAsync(string database, string section, CancellationToken cancellationToken, params string[] options)
    {
        IHost host = context.Hosts[context.Target.Writer.Host];
        PostgresSoftware software = await PostgresSoftware.FindAsync(context.Service, context.Target.Version, host, cancellationToken);
        (string from, IReadOnlyDictionary<string, string?> reader) = _access.ForPrograms(context.Source.Writer, PostgresAccount.Control, database);
        string[] sections = section == Whole ? [Whole] : [Whole, section];
        return await new PostgresProgram(host, null).RunAsync(
            new HostCommand(software["pg_dump"], [.. sections, "--no-publications", "--no-subscriptions", "--no-tablespaces", .. options, "-d", from]) { Environment = reader }, cancellationToken);
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
