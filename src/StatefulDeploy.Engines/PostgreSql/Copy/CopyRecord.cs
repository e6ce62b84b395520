using Npgsql;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.PostgreSql.Copy;

/// <summary>
/// What of a database has been copied, kept in the target's own database and written in the transactions that bring the rows: whoever is killed at
/// whatever moment, what the record says is there is there, and nothing else is. It goes when the copy is done.
/// </summary>
internal static class CopyRecord
{
    private const string Make = """
        CREATE TABLE statefuldeploy.copy (id text PRIMARY KEY, slot_lsn text);
        CREATE TABLE statefuldeploy.copied (relation text, part int, parts int NOT NULL, lsn text NOT NULL, PRIMARY KEY (relation, part));
        CREATE TABLE statefuldeploy.built (statement text PRIMARY KEY)
        """;

    /// <summary>Begins a record in a database that has its tables and no rows yet.</summary>
    public static async Task BeginAsync(NpgsqlConnection target, string id, CancellationToken cancellationToken)
    {
        await PostgresSource.ScriptAsync(target, Make, cancellationToken);
        await target.RunAsync("INSERT INTO statefuldeploy.copy VALUES ($1, NULL)", cancellationToken, id);
    }

    /// <summary>Whether a copy is under way in a database, and from which point its slot has the changes; null for the point when there is no slot yet.</summary>
    public static async Task<(bool IsThere, string? Lsn)> FindAsync(NpgsqlConnection target, string id, CancellationToken cancellationToken)
    {
        if (!await IsThereAsync(target, cancellationToken))
        {
            return (false, null);
        }

        List<string?> found = await target.ListAsync("SELECT slot_lsn FROM statefuldeploy.copy WHERE id = $1", row => row.IsDBNull(0) ? null : row.GetString(0), cancellationToken, id);
        return (found.Count > 0, found.FirstOrDefault());
    }

    /// <summary>Whether a database has a record at all.</summary>
    public static Task<bool> IsThereAsync(NpgsqlConnection target, CancellationToken cancellationToken) =>
        target.ScalarAsync<bool>("SELECT to_regclass('statefuldeploy.copy') IS NOT NULL", cancellationToken);

    /// <summary>Keeps from which point the slot has the changes.</summary>
    public static Task KeepSlotAsync(NpgsqlConnection target, string lsn, CancellationToken cancellationToken) =>
        target.RunAsync("UPDATE statefuldeploy.copy SET slot_lsn = $1", cancellationToken, lsn);

    /// <summary>Sees, in the transaction that brings rows, that the copy is still the one that was begun.</summary>
    /// <exception cref="UpgradeException">Another one has been begun.</exception>
    public static async Task EnsureOursAsync(NpgsqlConnection target, string id, CancellationToken cancellationToken)
    {
        if (await target.ScalarAsync<int?>("SELECT 1 FROM statefuldeploy.copy WHERE id = $1 FOR KEY SHARE", cancellationToken, id) is null)
        {
            throw new UpgradeException("CopySuperseded", "Another copy has been begun in this database.", "See who else runs this upgrade.", FailureCategory.StaleEpoch);
        }
    }

    /// <summary>Records a part, in the transaction that brings its rows.</summary>
    public static Task AddAsync(NpgsqlConnection target, CopyPart part, string lsn, CancellationToken cancellationToken) =>
        target.RunAsync("INSERT INTO statefuldeploy.copied VALUES ($1, $2, $3, $4)", cancellationToken, part.Table.Name, part.Number, part.Count, lsn);

    /// <summary>The tables that are there with all their parts, and the point that each shows.</summary>
    public static async Task<Dictionary<string, string>> WholeAsync(NpgsqlConnection target, CancellationToken cancellationToken) => new(
        await target.ListAsync(
            "SELECT relation, min(lsn) FROM statefuldeploy.copied GROUP BY relation HAVING count(*) = min(parts) AND min(lsn) = max(lsn)",
            row => KeyValuePair.Create(row.GetString(0), row.GetString(1)), cancellationToken), StringComparer.Ordinal);

    /// <summary>Empties tables of which only parts are there, and those that an extension has put rows into: they are copied from their beginning.</summary>
    public static async Task EmptyAsync(NpgsqlConnection target, IReadOnlyCollection<string> tables, CancellationToken cancellationToken)
    {
        string[] names = [.. tables];
        List<string> filled = await target.TextsAsync("SELECT name FROM unnest($1) AS t(name) WHERE pg_relation_size(name::regclass) > 0", cancellationToken, (object)names);
        await using NpgsqlTransaction transaction = await target.BeginTransactionAsync(cancellationToken);
        await target.RunAsync("DELETE FROM statefuldeploy.copied WHERE relation = ANY ($1)", cancellationToken, (object)names);
        if (filled.Count > 0)
        {
            await target.RunAsync($"TRUNCATE {string.Join(", ", filled.Select(name => $"ONLY {name}"))}", cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>The copy is done.</summary>
    public static Task EndAsync(NpgsqlConnection target, CancellationToken cancellationToken) =>
        PostgresSource.ScriptAsync(target, "DROP TABLE IF EXISTS statefuldeploy.built, statefuldeploy.copied, statefuldeploy.copy", cancellationToken);
}
