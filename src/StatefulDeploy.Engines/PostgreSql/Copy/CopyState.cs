namespace StatefulDeploy.Engines.PostgreSql.Copy;

/// <summary>How far the process of a copy says that it is.</summary>
/// <param name="CopiedBytes">The bytes that are there, as the source has them on disk.</param>
/// <param name="TotalBytes">The bytes of all databases.</param>
/// <param name="Failure">Why it ended before it was done; empty when it did not.</param>
/// <param name="Stage">What a physical copy is at, during which the target cannot be asked; empty when it is done, and for a copy of rows.</param>
internal sealed record CopyState(long CopiedBytes, long TotalBytes, string Failure, string Stage = "");
