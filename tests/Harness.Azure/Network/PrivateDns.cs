using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Network;

/// <summary>Private DNS zones and their records of addresses and names.</summary>
/// <param name="cloud">Where.</param>
internal sealed class PrivateDns(AzureCloud cloud)
{
    private const string Zone = "Microsoft.Network/privateDnsZones";

    private static readonly string[] Kinds = ["A", "CNAME"];

    public void Add(ArmRoutes routes)
    {
        routes.On("GET", $"{Zone}/*", call => new ArmAnswer(200, Show(cloud.Store.Get<NetworkResource>(call.Request))));
        routes.On("GET", Zone, call => Pages.Of(cloud, call, cloud.Store.Of<NetworkResource>().Where(one => one.Type == Zone && Pages.InScope(one, call.Request)).Select(Show)));
        routes.On("PUT", $"{Zone}/*", PutZone);
        routes.On("DELETE", $"{Zone}/*", DeleteZone);
        foreach (var kind in Kinds)
        {
            routes.On("GET", $"{Zone}/*/{kind}/*", call => new ArmAnswer(200, Find(call).Model.Copy()));
            routes.On("GET", $"{Zone}/*/{kind}", call => Records(call, kind));
            routes.On("PUT", $"{Zone}/*/{kind}/*", call => Put(call, kind, merge: false));
            routes.On("PATCH", $"{Zone}/*/{kind}/*", call => Put(call, kind, merge: true));
            routes.On("DELETE", $"{Zone}/*/{kind}/*", Delete);
        }
    }

    private ArmAnswer PutZone(ArmCall call)
    {
        var existing = cloud.Store.Find<NetworkResource>(call.Request.Target.Id);
        Check(call, existing);
        var model = new JsonObject { ["id"] = call.Request.Target.Id, ["name"] = call.Request.Target.Name, ["type"] = Zone, ["etag"] = string.Empty };
        model.Merge(call.Request.Content);
        model.Child("properties").Default("maxNumberOfRecordSets", 25000).Default("maxNumberOfVirtualNetworkLinks", 1000).Default("provisioningState", "Succeeded");
        var zone = new NetworkResource(call.Request.Target.Id, Zone, model);
        zone.Changed();
        cloud.Store.Add(zone);
        return new ArmAnswer(existing is null ? 201 : 200, Show(zone));
    }

    private ArmAnswer DeleteZone(ArmCall call)
    {
        if (cloud.Store.Find<NetworkResource>(call.Request.Target.Id) is not { } zone)
        {
            return new ArmAnswer(204);
        }

        Check(call, zone);
        foreach (var record in Of(zone, null).ToList())
        {
            cloud.Store.Remove(record);
        }

        cloud.Store.Remove(zone);
        return new ArmAnswer(200);
    }

    private ArmAnswer Records(ArmCall call, string kind) => Pages.Of(cloud, call, Of(ZoneOf(call), kind).Select(record => record.Model.Copy()));

    private ArmAnswer Put(ArmCall call, string kind, bool merge)
    {
        var zone = ZoneOf(call);
        var target = call.Request.Target;
        var existing = cloud.Store.Find<NetworkResource>(target.Id);
        if (merge && existing is null)
        {
            Find(call);
        }

        Check(call, existing);
        var model = merge ? existing!.Model.Copy() : new JsonObject { ["id"] = target.Id, ["name"] = target.Name, ["type"] = $"{Zone}/{kind}" };
        model.Merge(call.Request.Content);
        model["etag"] = string.Empty;
        model.Child("properties").Default("isAutoRegistered", false)["fqdn"] = $"{(target.Name == "@" ? string.Empty : target.Name + ".")}{zone.Name}.";
        CheckRecord(zone, target, model, kind);
        var record = existing ?? new NetworkResource(target.Id, $"{Zone}/{kind}", model);
        record.Model = model;
        record.Changed();
        cloud.Store.Add(record);
        return new ArmAnswer(existing is null ? 201 : 200, model.Copy());
    }

    private ArmAnswer Delete(ArmCall call)
    {
        ZoneOf(call);
        if (cloud.Store.Find<NetworkResource>(call.Request.Target.Id) is not { } record)
        {
            return new ArmAnswer(204);
        }

        Check(call, record);
        cloud.Store.Remove(record);
        return new ArmAnswer(200);
    }

    private void CheckRecord(NetworkResource zone, ResourcePath target, JsonObject model, string kind)
    {
        if (model.Whole("properties", "ttl") is not > 0)
        {
            throw new ArmException(400, "BadRequest", "The TTL of a record set must be at least 1.");
        }

        if (model.At("properties", kind == "A" ? "aRecords" : "cnameRecord") is null)
        {
            throw new ArmException(400, "BadRequest", $"The record set '{target.Name}' of type {kind} has no records of that type.");
        }

        // A name with a CNAME has no other record (RFC 1034, 3.6.2).
        if (Of(zone, kind == "A" ? "CNAME" : "A").Any(other => other.Name == target.Name))
        {
            throw new ArmException(400, "BadRequest", $"The record set '{target.Name}' of type {kind} could not be created because it conflicts with another record set of the same name.");
        }
    }

    private IEnumerable<NetworkResource> Of(NetworkResource zone, string? kind) =>
        cloud.Store.Of<NetworkResource>().Where(one => one.Id.StartsWith($"{zone.Id}/{kind}", StringComparison.OrdinalIgnoreCase) && one.Type.StartsWith($"{Zone}/", StringComparison.Ordinal));

    private NetworkResource ZoneOf(ArmCall call)
    {
        var target = call.Request.Target;
        var parent = target with { Segments = [.. target.Segments.Take(2)] };
        return cloud.Store.Find<NetworkResource>(parent.Id) ?? throw new ArmException(404, "ParentResourceNotFound", $"Can not perform requested operation on nested resource. Parent resource '{parent.Name}' not found.");
    }

    private NetworkResource Find(ArmCall call)
    {
        ZoneOf(call);
        return cloud.Store.Find<NetworkResource>(call.Request.Target.Id) ?? throw new ArmException(404, "NotFound", $"The resource record '{call.Request.Target.Name}' does not exist in resource group '{call.Request.Target.Group}' of subscription '{call.Request.Target.Subscription}'.");
    }

    private JsonObject Show(NetworkResource zone)
    {
        var shown = zone.Model.Copy();
        shown.Child("properties")["numberOfRecordSets"] = Of(zone, null).Count() + 1;
        return shown;
    }

    private static void Check(ArmCall call, NetworkResource? resource) => Conditions.Check(call.Request, resource?.Etag, wanted =>
        new ArmException(412, "PreconditionFailed", $"The condition '{wanted}' in the If-Match header was not satisfied. The current was '{resource?.Etag}'."));
}
