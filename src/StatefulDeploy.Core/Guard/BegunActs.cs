using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard;

/// <summary>The acts that a request has begun.</summary>
/// <param name="WindowId">The window that was open when they were decided; null for none.</param>
/// <param name="Nodes">Acts on nodes.</param>
/// <param name="Engine">An act of the engine, which gives what it told; null for none.</param>
internal sealed record BegunActs(string? WindowId, IReadOnlyList<(Node Node, Task<GateState> Act)> Nodes, Task<IReadOnlyList<ReportEvent>>? Engine);
