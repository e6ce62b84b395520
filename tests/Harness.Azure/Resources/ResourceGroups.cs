using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;
using StatefulDeploy.Harness.Azure.Compute;

namespace StatefulDeploy.Harness.Azure.Resources;

/// <summary>Resource groups, and what the caller may do in them.</summary>
/// <param name="cloud">Where.</param>
/// <param name="rights">What the caller may do.</param>
internal sealed class ResourceGroups(AzureCloud cloud, CallerRights rights)
{
    private const string Type = "Microsoft.Resources/resourceGroups";

    public void Add(ArmRoutes routes)
    {
        routes.On("GET", "/resourceGroups/*", call => new ArmAnswer(200, Get(call).Model.Copy()));
        routes.On("HEAD", "/resourceGroups/*", call => new ArmAnswer(cloud.Store.Find<ArmResource>(Id(call)) is null ? 404 : 204));
        routes.On("GET", "/resourceGroups", call => Pages.Of(cloud, call, cloud.Store.All.Where(one => one.Type == Type).Select(one => one.Model.Copy())));
        routes.On("PUT", "/resourceGroups/*", Put);
        routes.On("DELETE", "/resourceGroups/*", Delete);
        routes.On("GET", "/operationResults/*", Result);
        routes.On("GET", "Microsoft.Authorization/permissions", _ => new ArmAnswer(200, rights.ToJson()));
    }

    /// <summary>Refuses what is in no resource group that there is.</summary>
    internal void Check(ArmRequest request)
    {
        if (request.Target.Group is { } group && cloud.Store.Find<ArmResource>(Id(request.Target.Subscription, group)) is null)
        {
            throw ArmException.GroupNotFound(group);
        }
    }

    private ArmAnswer Put(ArmCall call)
    {
        var id = Id(call);
        var existing = cloud.Store.Find<ArmResource>(id);
        var model = new JsonObject { ["id"] = existing?.Id ?? id, ["name"] = call.Request.Target.Name, ["type"] = Type };
        model.Merge(call.Request.Content);
        model["properties"] = new JsonObject { ["provisioningState"] = "Succeeded" };
        cloud.Store.Add(new ArmResource(id, Type, model));
        return new ArmAnswer(existing is null ? 201 : 200, model.Copy());
    }

    private ArmAnswer Delete(ArmCall call)
    {
        var group = Get(call);
        foreach (var resource in cloud.Store.All.Where(one => one.Id.StartsWith(group.Id + "/", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            if (resource is DiskResource disk)
            {
                cloud.Monitor.Deleted(disk);
            }

            cloud.Store.Remove(resource);
        }

        cloud.Store.Remove(group);
        return new ArmAnswer(202).With("Location", $"{call.Origin}/subscriptions/{call.Request.Target.Subscription}/operationresults/{Guid.NewGuid():N}?api-version={call.Request.ApiVersion}&t=t&c=c&s=s&h=h");
    }

    // A group is gone when its deletion is answered, so there is nothing to wait for.
    private static ArmAnswer Result(ArmCall call) => new(200);

    private ArmResource Get(ArmCall call) => cloud.Store.Find<ArmResource>(Id(call)) ?? throw ArmException.GroupNotFound(call.Request.Target.Name);

    private static string Id(ArmCall call) => Id(call.Request.Target.Subscription, call.Request.Target.Name);

    private static string Id(string? subscription, string group) => $"/subscriptions/{subscription}/resourceGroups/{group}";
}
