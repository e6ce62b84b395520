using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>What stands against carrying one database.</summary>
internal static class PostgresDatabaseInspection
{
    /// <summary>Asks one database.</summary>
    public static async Task InspectAsync(NpgsqlConnection connection, string database, PostgresSoftware green, IHost host, List<Finding> findings, CancellationToken cancellationToken)
    {
        string subject = $"database {database}";
        foreach (PostgresCheck check in PostgresDatabaseChecks.All)
        {
            if (check.Judge(await connection.TextsAsync(check.Query, cancellationToken), subject) is { } finding)
            {
                findings.Add(finding);
            }
        }

        await InspectExtensionsAsync(connection, subject, await green.ExtensionsAsync(host, cancellationToken), findings, cancellationToken);
        await InspectLibrariesAsync(connection, subject, green, host, findings, cancellationToken);
    }

    private static async Task InspectExtensionsAsync(NpgsqlConnection connection, string subject, IReadOnlyDictionary<string, string> there, List<Finding> findings, CancellationToken cancellationToken)
    {
        List<(string Name, string Version)> used = await connection.ListAsync("SELECT extname::text, extversion FROM pg_extension ORDER BY 1", row => (row.GetString(0), row.GetString(1)), cancellationToken);
        if (used.Where(one => !there.ContainsKey(one.Name)).ToList() is { Count: > 0 } missing)
        {
            findings.Add(Finding.Refuse("ExtensionMissing", subject, $"Green's software has no extension {string.Join(", ", missing.Select(one => one.Name))}.", $"Install it for green's version; or, if it is not used: {string.Join(' ', missing.Select(one => $"DROP EXTENSION {PostgresText.Name(one.Name)};"))}"));
        }

        foreach ((string name, string version) in used.Where(one => there.TryGetValue(one.Name, out string? offered) && PostgresSoftware.IsOlder(offered, one.Version)))
        {
            findings.Add(Finding.Refuse("ExtensionOlder", subject, $"Extension {name} is version {version} here, and green's software makes {there[name]}: what the newer one has would be missing.", $"Install {name} {version} or later for green's version."));
        }
    }

    // A dump names the library of a function; where it is missing, the schema cannot be made.
    private static async Task InspectLibrariesAsync(NpgsqlConnection connection, string subject, PostgresSoftware green, IHost host, List<Finding> findings, CancellationToken cancellationToken)
    {
        foreach (string library in await connection.TextsAsync(PostgresDatabaseChecks.Libraries, cancellationToken))
        {
            if (!await green.HasLibraryAsync(library, host, cancellationToken))
            {
                findings.Add(Finding.Refuse("LibraryMissing", subject, $"Functions are in the library {library}, which green's software does not have.", $"Install it for green's version; or, if they are not used: SELECT oid::regprocedure FROM pg_proc WHERE probin = {PostgresText.Literal(library)}; and DROP FUNCTION each."));
            }
        }
    }
}
