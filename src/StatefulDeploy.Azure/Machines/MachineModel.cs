using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Machines;

/// <summary>
/// How a machine of green looks: as the blue one that it stands in for, or as a template says, without what is of that one machine alone
/// (its data disks, its addresses, its place in a balancer's pool).
/// </summary>
internal static class MachineModel
{
    private static readonly string[] KeptOfMachine =
        ["hardwareProfile", "additionalCapabilities", "securityProfile", "diagnosticsProfile", "availabilitySet", "virtualMachineScaleSet", "proximityPlacementGroup", "licenseType", "priority", "evictionPolicy", "billingProfile", "scheduledEventsProfile"];

    private static readonly string[] KeptOfInterface = ["enableAcceleratedNetworking", "enableIPForwarding", "networkSecurityGroup", "dnsSettings"];

    /// <summary>What is sent to make the machine.</summary>
    /// <exception cref="UpgradeException">A file cannot be read, or blue's machine is signed in to by a password.</exception>
    public static JsonObject Machine(MachineOrder order, MachineSight blue, AzureGreenDescription green, JsonObject tags)
    {
        var body = Template(green, "virtualMachine", order) ?? Clone(order, blue);
        var properties = Child(body, "properties");
        if (green.Size is { } size)
            Child(properties, "hardwareProfile")["vmSize"] = size;
        if (green.Image is { } image)
            Child(properties, "storageProfile")["imageReference"] = ImageOf(image);
        if (green.CloudInitFile is { } file)
            Child(properties, "osProfile")["customData"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(ReadFile(file)));
        Child(properties, "networkProfile")["networkInterfaces"] = new JsonArray(new JsonObject
        {
            ["id"] = order.Interface.ToString(),
            ["properties"] = new JsonObject { ["primary"] = true, ["deleteOption"] = "Delete" },
        });
        body["tags"] = tags;
        return body;
    }

    /// <summary>What is sent to make its network interface.</summary>
    public static JsonObject Interface(MachineOrder order, ArmResource blue, AzureGreenDescription green, JsonObject tags)
    {
        var body = Template(green, "networkInterface", order) ?? new JsonObject { ["location"] = blue.Location, ["properties"] = Kept(blue.Properties, KeptOfInterface) };
        var properties = Child(body, "properties");
        if (properties["dnsSettings"] is JsonObject dns)
            properties["dnsSettings"] = Kept(dns, ["dnsServers"]);
        properties["ipConfigurations"] ??= new JsonArray([.. blue.Properties.Objects("ipConfigurations").Take(1).Select(one => Configuration(one, order))]);
        body["tags"] = tags;
        return body;
    }

    private static JsonObject Configuration(JsonObject blue, MachineOrder order)
    {
        var properties = Kept(blue["properties"] as JsonObject ?? [], ["privateIPAddressVersion", "applicationSecurityGroups"]);
        properties["subnet"] = new JsonObject { ["id"] = blue.Text("properties", "subnet", "id") };
        properties["primary"] = true;
        properties["privateIPAllocationMethod"] = order.Address is null ? "Dynamic" : "Static";
        if (order.Address is { } address)
            properties["privateIPAddress"] = address;
        return new JsonObject { ["name"] = blue.Text("name") ?? "primary", ["properties"] = properties };
    }

    private static JsonObject Clone(MachineOrder order, MachineSight blue)
    {
        var old = blue.Resource.Properties;
        var body = new JsonObject { ["location"] = blue.Resource.Location, ["properties"] = Kept(old, KeptOfMachine) };
        foreach (var key in new[] { "zones", "plan" })
        {
            if (blue.Resource.Body[key] is { } value)
                body[key] = value.DeepClone();
        }

        if (blue.Resource.Body["identity"] is JsonObject identity)
            body["identity"] = IdentityOf(identity);
        var properties = Child(body, "properties");
        properties["storageProfile"] = StorageOf(old);
        properties["osProfile"] = SystemOf(order, blue, old);
        return body;
    }

    // The ids of the identities, and not what they are told to be.
    private static JsonObject IdentityOf(JsonObject blue)
    {
        var identity = Kept(blue, ["type"]);
        if (blue["userAssignedIdentities"] is JsonObject assigned)
            identity["userAssignedIdentities"] = new JsonObject(assigned.Select(one => KeyValuePair.Create(one.Key, (JsonNode?)new JsonObject())));
        return identity;
    }

    private static JsonObject StorageOf(JsonObject old)
    {
        var storage = Kept(old["storageProfile"] as JsonObject ?? [], ["imageReference", "diskControllerType"]);
        (storage["imageReference"] as JsonObject)?.Remove("exactVersion");
        var disk = Kept(old.At("storageProfile", "osDisk") as JsonObject ?? [], ["osType", "caching", "diskSizeGB", "writeAcceleratorEnabled"]);
        disk["createOption"] = "FromImage";
        disk["deleteOption"] = "Delete";
        if (old.Text("storageProfile", "osDisk", "managedDisk", "storageAccountType") is { } kind)
            disk["managedDisk"] = new JsonObject { ["storageAccountType"] = kind };
        storage["osDisk"] = disk;
        return storage;
    }

    private static JsonObject SystemOf(MachineOrder order, MachineSight blue, JsonObject old)
    {
        if (!old.Flag("osProfile", "linuxConfiguration", "disablePasswordAuthentication"))
            throw new UpgradeException("PasswordMachine", $"The machine '{blue.Id.Name}', which '{order.Machine.Name}' is to look like, is signed in to by a password, which Azure does not tell and we do not keep.", "Give it SSH keys alone, or describe green's machines by a template (azure.green.template).", FailureCategory.Refused) { Target = blue.Id.Name };

        var system = Kept((JsonObject)old["osProfile"]!, ["adminUsername", "linuxConfiguration", "allowExtensionOperations"]);
        system["computerName"] = order.Machine.Name;
        return system;
    }

    private static JsonObject ImageOf(string image)
    {
        if (image.StartsWith('/'))
            return new JsonObject { ["id"] = ResourceId.Parse(image).ToString() };

        return image.Split(':') is [var publisher, var offer, var sku, var version]
            ? new JsonObject { ["publisher"] = publisher, ["offer"] = offer, ["sku"] = sku, ["version"] = version }
            : throw new UpgradeException("InvalidValue", $"azure.green.image: '{image}' is neither the id of an image nor publisher:offer:sku:version.", "Correct it.", FailureCategory.InvalidInput) { Target = "azure.green.image" };
    }

    private static JsonObject? Template(AzureGreenDescription green, string part, MachineOrder order)
    {
        if (green.TemplateFile is not { } file)
            return null;

        try
        {
            // A template is one for all machines: what differs is written as a placeholder.
            var text = ReadFile(file).Replace("${name}", order.Machine.Name, StringComparison.Ordinal).Replace("${address}", order.Address ?? string.Empty, StringComparison.Ordinal);
            return JsonNode.Parse(text)?[part] is JsonObject body ? (JsonObject)body.DeepClone() : null;
        }
        catch (JsonException exception)
        {
            throw new UpgradeException("TemplateInvalid", $"The template '{file}' is no JSON: {exception.Message}", "Correct it.", FailureCategory.InvalidInput, exception) { Target = file };
        }
    }

    private static string ReadFile(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UpgradeException("FileUnreadable", $"The file '{file}', named under azure.green, cannot be read: {exception.Message}", "Correct the path.", FailureCategory.NotFound, exception) { Target = file };
        }
    }

    private static JsonObject Kept(JsonObject from, IEnumerable<string> names) =>
        new(names.Where(name => from[name] is not null).Select(name => KeyValuePair.Create(name, (JsonNode?)from[name]!.DeepClone())));

    private static JsonObject Child(JsonObject parent, string name)
    {
        if (parent[name] is not JsonObject child)
            parent[name] = child = [];
        return child;
    }
}
