namespace StatefulDeploy.Contracts;

/// <summary>How a statement is planned, whatever its parameters.</summary>
/// <param name="Statement">The statement.</param>
/// <param name="Cost">The planner's estimate of the whole, in its own unit.</param>
/// <param name="Scans">How each relation is read, such as <c>Index Scan</c>, by the relation's name in the statement.</param>
/// <param name="Nodes">The kinds of the plan's nodes, from its root on.</param>
public sealed record StatementPlan(string Statement, double Cost, IReadOnlyDictionary<string, string> Scans, IReadOnlyList<string> Nodes);
