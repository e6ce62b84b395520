namespace StatefulDeploy.Contracts;

/// <summary>What clients of a router see during a switch.</summary>
/// <param name="KeepsConnections">Whether connections survive.</param>
/// <param name="ReadsGoOn">Whether reads are answered throughout.</param>
/// <param name="HoldsWrites">Whether writes wait instead of failing.</param>
/// <param name="ExpectedGap">How long a writer waits for its next acknowledgement at the 99th percentile.</param>
/// <param name="Note">What else the plan should say.</param>
public sealed record RouterPromise(bool KeepsConnections, bool ReadsGoOn, bool HoldsWrites, TimeSpan ExpectedGap, string Note);
