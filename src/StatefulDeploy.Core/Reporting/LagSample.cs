namespace StatefulDeploy.Reporting;

/// <summary>The lag at a moment.</summary>
/// <param name="Time">When it was measured.</param>
/// <param name="Bytes">Blue's position less green's applied position, in bytes of the write stream.</param>
public sealed record LagSample(DateTimeOffset Time, long Bytes);
