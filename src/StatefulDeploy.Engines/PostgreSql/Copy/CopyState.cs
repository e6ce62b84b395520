namespace StatefulDeploy.Engines.PostgreSql.Copy;

/// <summary>How far the process of a copy says that it is.</summary>
/// <param name="CopiedBytes">The bytes that are there, as the source has them on disk.</param>
/// <param name="TotalBytes">The bytes of all databases.</param>
/// <param name="Failure">Why it ended before it was done; empty when it did not.</param>
internal sealed record CopyState(long CopiedBytes, long TotalBytes, string Failure);
