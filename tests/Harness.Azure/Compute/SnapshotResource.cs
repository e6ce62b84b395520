using System.Text.Json.Nodes;

namespace StatefulDeploy.Harness.Azure.Compute;

/// <summary>A snapshot of a disk.</summary>
internal sealed class SnapshotResource(string id, JsonObject model) : StorageResource(id, "Microsoft.Compute/snapshots", model);
