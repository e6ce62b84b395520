namespace StatefulDeploy.Contracts;

/// <summary>One key or row that differs.</summary>
/// <param name="Item">The key with its database, or table and primary key.</param>
/// <param name="Kind">Missing, Extra, Type, Value or Expiry.</param>
/// <param name="Source">What source holds, shortened.</param>
/// <param name="Target">What target holds, shortened.</param>
public sealed record DataDifference(string Item, string Kind, string Source, string Target);
