using System.Text.Json.Nodes;
using Azure.Core;

namespace StatefulDeploy.Azure.Arm;

/// <summary>One request to Resource Manager.</summary>
/// <param name="Method">GET, PUT, PATCH, POST or DELETE.</param>
/// <param name="Address">The path from the endpoint on, with the version of the API, or a whole address that Resource Manager gave.</param>
/// <param name="Class">What it is counted as, such as <c>GET Microsoft.Compute/disks</c>.</param>
/// <param name="Subject">The resource that it is about, for people.</param>
internal sealed record ArmRequest(RequestMethod Method, string Address, string Class, string Subject)
{
    /// <summary>What is sent; null for nothing.</summary>
    public JsonNode? Body { get; init; }

    /// <summary>The ETag that the resource must have.</summary>
    public string? IfMatch { get; init; }

    /// <summary>Whether the resource must not be there.</summary>
    public bool IfNew { get; init; }

    /// <summary>Whether it does nothing when it is done twice, so that it may be sent again when no answer came.</summary>
    public bool Repeatable => Method != RequestMethod.Post;
}
