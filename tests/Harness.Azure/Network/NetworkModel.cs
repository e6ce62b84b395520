using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Network;

/// <summary>What Azure's network fills in.</summary>
internal static class NetworkModel
{
    /// <summary>The model of a PUT.</summary>
    public static JsonObject Of(ArmRequest request, string type, NetworkResource? existing, string state)
    {
        var model = new JsonObject { ["name"] = request.Target.Name, ["id"] = existing?.Id ?? request.Target.Id, ["etag"] = string.Empty, ["type"] = type };
        model.Merge(request.Content);
        model["etag"] = string.Empty;
        var properties = model.Child("properties");
        properties["provisioningState"] = state;
        properties["resourceGuid"] = existing?.Properties.Text("resourceGuid") ?? Guid.NewGuid().ToString();
        return model;
    }

    /// <summary>Gives the parts of a resource their ids, types and states.</summary>
    /// <param name="model">The resource.</param>
    /// <param name="list">The list of its properties that they are in.</param>
    /// <param name="state">Their provisioning state.</param>
    public static IReadOnlyList<JsonObject> Parts(JsonObject model, string list, string state)
    {
        var properties = model.Child("properties");
        properties.Default(list, new JsonArray());
        var parts = properties.Objects(list);
        foreach (var part in parts)
        {
            part["id"] = $"{model.Text("id")}/{list}/{part.Text("name")}";
            part["etag"] = string.Empty;
            part["type"] = $"{model.Text("type")}/{list}";
            part.Child("properties")["provisioningState"] = state;
        }

        return parts;
    }

    /// <summary>Reduces a nested resource to the reference that it is.</summary>
    public static void Reference(JsonObject properties, string name)
    {
        if (properties.Text(name, "id") is { } id)
        {
            properties[name] = new JsonObject { ["id"] = id };
        }
    }

    /// <summary>The error for a reference to what is not there.</summary>
    public static ArmException NotThere(string id) => new(400, "InvalidResourceReference", $"Resource {id} referenced by the request was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.");
}
