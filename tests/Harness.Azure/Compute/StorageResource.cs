using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Compute;

/// <summary>What holds data: a disk or a snapshot.</summary>
internal abstract class StorageResource(string id, string type, JsonObject model) : ArmResource(id, type, model)
{
    /// <summary>What its data is known by; a copy tells that of its source.</summary>
    public string UniqueId { get; } = Guid.NewGuid().ToString();

    /// <summary>The <see cref="UniqueId"/> of what it was copied from; null when of nothing.</summary>
    public string? Source { get; set; }

    /// <summary>When its copy began; null when it is no copy.</summary>
    public DateTimeOffset? CopyBegan { get; set; }

    /// <summary>Whether the copy of its data goes on.</summary>
    public bool Hydrating { get; set; }
}
