using StatefulDeploy.Contracts;

namespace StatefulDeploy.Core.Tests.Guard.Model;

/// <summary>What the rules make of a question: the next state's number, what is attempted, and whether nodes are acted on.</summary>
internal sealed record Answer(int Next, WindowOutcome Attempt, int Generation, bool ActOnNodes);
