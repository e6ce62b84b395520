using System.Text.Json.Nodes;

namespace StatefulDeploy.Harness.Azure.Arm;

/// <summary>A resource as the simulator keeps it.</summary>
/// <param name="id">Its id, as it was first written.</param>
/// <param name="type">Its type.</param>
/// <param name="model">What a GET answers.</param>
internal class ArmResource(string id, string type, JsonObject model)
{
    public string Id { get; } = id;

    public string Type { get; } = type;

    public JsonObject Model { get; set; } = model;

    public string Name => Id[(Id.LastIndexOf('/') + 1)..];

    public JsonObject Properties => Model.Child("properties");

    public string Location => Model.Text("location") ?? "global";

    public string? Zone => Model.Texts("zones") is [var zone, ..] ? zone : null;

    /// <summary>The operation that is changing it.</summary>
    public ArmOperation? Current { get; set; }

    public string ProvisioningState
    {
        get => Properties.Text("provisioningState") ?? string.Empty;
        set => Properties["provisioningState"] = value;
    }

    /// <summary>Whether this is the resource of an id; ids are compared without regard to case.</summary>
    public bool Is(string? other) => string.Equals(Id, other, StringComparison.OrdinalIgnoreCase);
}
