using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Network;

/// <summary>A resource of the network, with the ETag that it and its parts share.</summary>
internal sealed class NetworkResource(string id, string type, JsonObject model) : ArmResource(id, type, model)
{
    public string Etag { get; private set; } = NewEtag();

    /// <summary>Its ETag is another after each change, also of those parts that have one.</summary>
    public void Changed()
    {
        Etag = NewEtag();
        Stamp(Model, Etag);
    }

    /// <summary>An error of Azure's network for an ETag that does not match.</summary>
    public static ArmException Mismatch(string wanted, NetworkResource? resource) => new(412, "PreconditionFailed", "Precondition failed.")
    {
        Details = [("PreconditionFailedEtagMismatch", $"Etag provided in if-match header W/\"{wanted.Replace("W/", string.Empty, StringComparison.Ordinal).Trim('"')}\" does not match etag {resource?.Etag} of resource {resource?.Id} in NRP data store.")],
    };

    private static string NewEtag() => $"W/\"{Guid.NewGuid()}\"";

    private static void Stamp(JsonNode? node, string etag)
    {
        if (node is JsonArray array)
        {
            foreach (var one in array)
            {
                Stamp(one, etag);
            }
        }
        else if (node is JsonObject found)
        {
            if (found.ContainsKey("etag"))
            {
                found["etag"] = etag;
            }

            foreach (var (_, child) in found.ToList())
            {
                Stamp(child, etag);
            }
        }
    }
}
