using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Compute;

/// <summary>What becomes of a request's machine in Azure: what it fills in, keeps to itself, and does not let be changed.</summary>
internal static class MachineModel
{
    // What a PUT does not have to repeat, and what only the service sets.
    private static readonly string[] Kept = ["osProfile", "vmId", "timeCreated", "diagnosticsProfile", "licenseType"];

    /// <summary>The model of a PUT, without its data disks, which are moved by an operation.</summary>
    public static JsonObject Put(ArmRequest request, MachineResource? existing, DateTimeOffset now)
    {
        var body = request.Content;
        var model = new JsonObject { ["name"] = request.Target.Name, ["id"] = existing?.Id ?? request.Target.Id, ["type"] = "Microsoft.Compute/virtualMachines" };
        foreach (var name in new[] { "location", "zones", "tags", "plan", "identity", "extendedLocation" })
        {
            model.Default(name, body[name]?.DeepClone());
        }

        var properties = model["properties"] = body.Child("properties").DeepClone();
        var filled = properties.AsObject();
        foreach (var name in Kept)
        {
            filled.Default(name, existing?.Properties[name]?.DeepClone());
        }

        Fill(filled, existing, now);
        TellIdentity(model);
        Forbid(existing, model);
        return model;
    }

    /// <summary>The model of a PATCH.</summary>
    public static JsonObject Patch(ArmRequest request, MachineResource existing, DateTimeOffset now)
    {
        var model = existing.Model.Copy();
        model.Merge(request.Content);
        if (request.Content["tags"] is JsonObject tags)
        {
            model["tags"] = tags.DeepClone();
        }

        Fill(model.Child("properties"), existing, now);
        TellIdentity(model);
        Forbid(existing, model);
        return model;
    }

    private static void Fill(JsonObject properties, MachineResource? existing, DateTimeOffset now)
    {
        properties.Default("vmId", Guid.NewGuid().ToString());
        properties.Default("timeCreated", OperationProtocol.Time(now));
        var storage = properties.Child("storageProfile");
        storage.Default("imageReference", existing?.Properties.At("storageProfile", "imageReference")?.DeepClone());
        storage.Default("osDisk", existing?.Properties.At("storageProfile", "osDisk")?.DeepClone());
        storage.Default("dataDisks", new JsonArray());
        var image = storage["imageReference"] as JsonObject;
        if (image.Text("publisher") is not null)
        {
            image!.Default("exactVersion", image.Text("version") == "latest" ? "1.0.20260101" : image.Text("version"));
        }

        FillOsDisk(storage.Child("osDisk"), image, existing);
        if (properties["osProfile"] is JsonObject profile)
        {
            FillOs(profile, storage.Text("osDisk", "osType") == "Windows");
        }
    }

    private static void FillOsDisk(JsonObject disk, JsonObject? image, MachineResource? existing)
    {
        var windows = image.Text("publisher")?.Contains("Windows", StringComparison.OrdinalIgnoreCase) == true;
        disk.Default("osType", windows ? "Windows" : "Linux");
        disk.Default("deleteOption", "Detach");
        if (disk.Text("createOption") == "FromImage")
        {
            disk.Default("diskSizeGB", windows ? 127 : 30);
        }

        var managed = disk.Child("managedDisk");
        managed.Default("id", existing?.Properties.Text("storageProfile", "osDisk", "managedDisk", "id"));
        if (managed.Text("id") is null)
        {
            managed.Default("storageAccountType", "Standard_LRS");
        }
    }

    private static void FillOs(JsonObject profile, bool windows)
    {
        profile.Remove("adminPassword");
        profile.Remove("customData");
        profile.Default("secrets", new JsonArray());
        profile.Default("allowExtensionOperations", true);
        profile.Default("requireGuestProvisionSignal", true);
        var system = profile.Child(windows ? "windowsConfiguration" : "linuxConfiguration");
        system.Default("provisionVMAgent", true);
        if (windows)
        {
            system.Default("enableAutomaticUpdates", true);
        }
        else
        {
            system.Default("disablePasswordAuthentication", false);
        }

        system.Child("patchSettings").Default("patchMode", windows ? "AutomaticByOS" : "ImageDefault").Default("assessmentMode", "ImageDefault");
        system.Default("enableVMAgentPlatformUpdates", windows);
    }

    private static void TellIdentity(JsonObject model)
    {
        var type = model.Text("identity", "type");
        if (type is null or "None")
        {
            model.Remove("identity");
        }
        else if (type.Contains("SystemAssigned", StringComparison.Ordinal))
        {
            model.Child("identity").Default("principalId", Guid.NewGuid().ToString()).Default("tenantId", AzureSimulator.Tenant);
        }
    }

    private static void Forbid(MachineResource? existing, JsonObject model)
    {
        if (existing is null)
        {
            return;
        }

        string[][] fixedOnes = [["location"], ["zones"], ["properties", "availabilitySet", "id"], ["properties", "storageProfile", "osDisk", "name"], ["properties", "osProfile", "computerName"]];
        foreach (var path in fixedOnes)
        {
            if (existing.Model.At(path) is { } before && !JsonNode.DeepEquals(before, model.At(path)))
            {
                throw new ArmException(409, "PropertyChangeNotAllowed", $"Changing property '{path[^1]}' is not allowed.", path[^1]);
            }
        }
    }
}
