using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard;

/// <summary>The content of an outcome file.</summary>
/// <param name="WindowId">The window.</param>
/// <param name="Outcome">Committed or Expired.</param>
/// <param name="Epoch">Under which epoch it was decided, or handed to the watcher.</param>
/// <param name="Generation">0 for the first decision; 1 for the one that reverts a commit.</param>
internal sealed record WindowDecision(string WindowId, WindowOutcome Outcome, long Epoch, int Generation);
