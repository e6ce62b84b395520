using System.Text.Json;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>
/// A point in a server's write stream. One that is to be drained to: an LSN, and in each database a mark that was written there, which a follower
/// shows when it has applied all before it. One to follow from: the LSN from which each database's changes are wanted.
/// </summary>
/// <param name="Lsn">The LSN.</param>
/// <param name="Marks">The mark, or the LSN, by database.</param>
internal sealed record PostgresPosition(string Lsn, IReadOnlyDictionary<string, string> Marks)
{
    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="UpgradeException">The text is no position of PostgreSQL.</exception>
    public static PostgresPosition Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<PostgresPosition>(text)!;
        }
        catch (JsonException exception)
        {
            throw new UpgradeException("PositionUnreadable", $"'{text}' is no position of PostgreSQL.", "Use a position that this engine has read.", FailureCategory.Damaged, exception) { Target = text };
        }
    }

    /// <inheritdoc/>
    public override string ToString() => JsonSerializer.Serialize(this);
}
