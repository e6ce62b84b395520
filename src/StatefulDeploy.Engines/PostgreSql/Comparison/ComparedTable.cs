namespace StatefulDeploy.Engines.PostgreSql.Comparison;

/// <summary>A table to be compared.</summary>
/// <param name="Database">Its database.</param>
/// <param name="Schema">Its schema.</param>
/// <param name="Relation">Its own name.</param>
/// <param name="Key">The quoted columns of its replica identity; empty when whole rows are its identity.</param>
/// <param name="Bytes">Its size on the source's disk.</param>
internal sealed record ComparedTable(string Database, string Schema, string Relation, IReadOnlyList<string> Key, long Bytes)
{
    /// <summary>Schema and name, quoted.</summary>
    public string Name => $"{PostgresText.Name(Schema)}.{PostgresText.Name(Relation)}";

    /// <summary>The columns of the key with commas.</summary>
    public string KeyList => string.Join(", ", Key);

    /// <summary>The values of a row's key as they would be written in a statement, as one text.</summary>
    public string KeyLiterals => $"concat_ws(', ', {string.Join(", ", Key.Select(column => $"quote_literal({column}::text)"))})";
}
