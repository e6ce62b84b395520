using System.Globalization;
using System.Text.Json.Nodes;

namespace StatefulDeploy.Harness.Azure.Arm;

/// <summary>Lists, a page at a time.</summary>
internal static class Pages
{
    /// <summary>A page of resources, with the link to the next when there is one.</summary>
    /// <param name="cloud">Where.</param>
    /// <param name="call">The request.</param>
    /// <param name="all">All that it asks for.</param>
    public static ArmAnswer Of(AzureCloud cloud, ArmCall call, IEnumerable<JsonObject> all)
    {
        var rest = all.Skip(int.Parse(call.Request.Query.GetValueOrDefault(ArmRequest.SkipToken, "0"), CultureInfo.InvariantCulture)).ToList();
        var body = new JsonObject { ["value"] = new JsonArray([.. rest.Take(cloud.Options.PageSize)]) };
        if (rest.Count > cloud.Options.PageSize)
        {
            var begun = int.Parse(call.Request.Query.GetValueOrDefault(ArmRequest.SkipToken, "0"), CultureInfo.InvariantCulture);
            var query = call.Request.Query.Where(pair => pair.Key != ArmRequest.SkipToken).Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value)}")
                .Append(FormattableString.Invariant($"{ArmRequest.SkipToken}={begun + cloud.Options.PageSize}"));
            body["nextLink"] = $"{call.Origin}{call.Request.Path}?{string.Join('&', query)}";
        }

        return new ArmAnswer(200, body);
    }

    /// <summary>Whether a resource is in the group or subscription that a list is of.</summary>
    public static bool InScope(ArmResource resource, ArmRequest request) =>
        request.Target.Group is not { } group || resource.Id.Contains($"/resourceGroups/{group}/", StringComparison.OrdinalIgnoreCase);
}
