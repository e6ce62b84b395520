namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>A table to be compared.</summary>
/// <param name="Database">Its database.</param>
/// <param name="Schema">Its schema.</param>
/// <param name="Relation">Its own name.</param>
/// <param name="Key">The quoted columns of its replica identity; empty when whole rows are its identity.</param>
internal sealed record PostgresTable(string Database, string Schema, string Relation, IReadOnlyList<string> Key)
{
    /// <summary>Schema and name, quoted.</summary>
    public string Name => $"{PostgresText.Name(Schema)}.{PostgresText.Name(Relation)}";

    /// <summary>The columns of the key with commas.</summary>
    public string KeyList => string.Join(", ", Key);
}
