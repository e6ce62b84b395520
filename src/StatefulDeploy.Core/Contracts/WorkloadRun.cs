using StatefulDeploy.Verification;

namespace StatefulDeploy.Contracts;

/// <summary>What a replayed workload measured.</summary>
/// <param name="Metrics">Latencies and throughput; null when nothing was done.</param>
/// <param name="Plans">How each statement is planned.</param>
/// <param name="Failures">What failed while it was replayed.</param>
public sealed record WorkloadRun(LoadMetrics? Metrics, IReadOnlyList<StatementPlan> Plans, IReadOnlyList<string> Failures);
