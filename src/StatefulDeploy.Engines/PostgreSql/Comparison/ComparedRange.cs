namespace StatefulDeploy.Engines.PostgreSql.Comparison;

/// <summary>What one session compares: a table, or the rows between two of its keys.</summary>
/// <param name="Database">The database.</param>
/// <param name="Table">The table, quoted.</param>
/// <param name="After">The key after which it begins, or as far as it is compared, as a list of literals; null for the beginning.</param>
/// <param name="UpTo">Its last key; null for the rest.</param>
/// <param name="IsDone">Whether all of it is compared.</param>
internal sealed record ComparedRange(string Database, string Table, string? After, string? UpTo, bool IsDone = false);
