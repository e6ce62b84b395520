using System.Text.Json.Nodes;

namespace StatefulDeploy.Harness.Azure.Compute;

/// <summary>A data disk that comes to a machine or leaves it.</summary>
/// <param name="Entry">Its entry in the machine's list.</param>
/// <param name="Disk">The disk; null when the machine lists one that is gone.</param>
/// <param name="Lun">Where.</param>
/// <param name="Forced">Whether it is torn out.</param>
internal sealed record DiskMove(JsonObject Entry, DiskResource? Disk, int Lun, bool Forced = false);
