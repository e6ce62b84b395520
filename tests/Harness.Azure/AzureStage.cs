using System.Text.Json.Nodes;

namespace StatefulDeploy.Harness.Azure;

/// <summary>Sets the stage of a test through the API itself.</summary>
public static class AzureStage
{
    /// <summary>Where everything is.</summary>
    public const string Location = "eastus2";

    /// <summary>Makes the resource group, with a network <c>net</c> that has a subnet <c>main</c> of 10.1.0.0/24.</summary>
    /// <param name="azure">The caller.</param>
    public static async Task MakeGroupAsync(this AzureCaller azure)
    {
        ArgumentNullException.ThrowIfNull(azure);
        await azure.DoAsync("PUT", string.Empty, new JsonObject { ["location"] = Location });
        await azure.DoAsync("PUT", "Microsoft.Network/virtualNetworks/net", JsonNode.Parse($$$"""
            {"location":"{{{Location}}}","properties":{"addressSpace":{"addressPrefixes":["10.1.0.0/16"]},"subnets":[{"name":"main","properties":{"addressPrefix":"10.1.0.0/24"}}]}}
            """));
    }

    /// <summary>Makes an empty disk.</summary>
    /// <param name="azure">The caller.</param>
    /// <param name="name">Its name.</param>
    /// <param name="zone">Its zone; null for none.</param>
    /// <param name="sku">Its kind.</param>
    /// <param name="gigabytes">Its size.</param>
    /// <returns>Its id.</returns>
    public static async Task<string> MakeDiskAsync(this AzureCaller azure, string name, string? zone = null, string sku = "Premium_LRS", int gigabytes = 64)
    {
        ArgumentNullException.ThrowIfNull(azure);
        var body = new JsonObject
        {
            ["location"] = Location,
            ["sku"] = new JsonObject { ["name"] = sku },
            ["properties"] = new JsonObject { ["creationData"] = new JsonObject { ["createOption"] = "Empty" }, ["diskSizeGB"] = gigabytes },
        };
        if (zone is not null)
        {
            body["zones"] = new JsonArray(zone);
        }

        await azure.DoAsync("PUT", Disk(name), body);
        return azure.Id(Disk(name));
    }

    /// <summary>Makes a machine with an interface <c>{name}-nic</c>, and disks at LUN 0, 1 and so on.</summary>
    /// <param name="azure">The caller.</param>
    /// <param name="name">Its name.</param>
    /// <param name="zone">Its zone; null for none.</param>
    /// <param name="size">Its size.</param>
    /// <param name="disks">The names of disks that there are.</param>
    public static async Task MakeMachineAsync(this AzureCaller azure, string name, string? zone = null, string size = "Standard_D4s_v5", params string[] disks)
    {
        ArgumentNullException.ThrowIfNull(azure);
        await azure.DoAsync("PUT", $"Microsoft.Network/networkInterfaces/{name}-nic", JsonNode.Parse($$$"""
            {"location":"{{{Location}}}","properties":{"ipConfigurations":[{"name":"main","properties":{"subnet":{"id":"{{{azure.Id("Microsoft.Network/virtualNetworks/net/subnets/main")}}}"}} }]}}
            """));
        await azure.DoAsync("PUT", Machine(name), azure.MachineBody(name, zone, size, disks));
    }

    /// <summary>The body of a PUT of such a machine.</summary>
    /// <param name="azure">The caller.</param>
    /// <param name="name">Its name.</param>
    /// <param name="zone">Its zone; null for none.</param>
    /// <param name="size">Its size.</param>
    /// <param name="disks">The names of disks that there are.</param>
    public static JsonObject MachineBody(this AzureCaller azure, string name, string? zone = null, string size = "Standard_D4s_v5", params string[] disks)
    {
        ArgumentNullException.ThrowIfNull(azure);
        var body = JsonNode.Parse($$$"""
            {"location":"{{{Location}}}","properties":{
              "hardwareProfile":{"vmSize":"{{{size}}}"},
              "networkProfile":{"networkInterfaces":[{"id":"{{{azure.Id($"Microsoft.Network/networkInterfaces/{name}-nic")}}}"}]},
              "osProfile":{"computerName":"{{{name}}}","adminUsername":"deploy","linuxConfiguration":{"disablePasswordAuthentication":true,"ssh":{"publicKeys":[{"path":"/home/deploy/.ssh/authorized_keys","keyData":"ssh-ed25519 AAAA"}]} }},
              "storageProfile":{"imageReference":{"publisher":"Debian","offer":"debian-12","sku":"12-gen2","version":"latest"},"osDisk":{"name":"{{{name}}}-os","createOption":"FromImage","managedDisk":{"storageAccountType":"Premium_LRS"},"deleteOption":"Delete"}} }}
            """)!.AsObject();
        body["properties"]!["storageProfile"]!["dataDisks"] = new JsonArray([.. disks.Select((disk, lun) => azure.Entry(disk, lun))]);
        if (zone is not null)
        {
            body["zones"] = new JsonArray(zone);
        }

        return body;
    }

    /// <summary>The entry of a disk in a machine's list.</summary>
    /// <param name="azure">The caller.</param>
    /// <param name="disk">The disk's name.</param>
    /// <param name="lun">Where.</param>
    public static JsonObject Entry(this AzureCaller azure, string disk, int lun)
    {
        ArgumentNullException.ThrowIfNull(azure);
        return new JsonObject { ["lun"] = lun, ["createOption"] = "Attach", ["managedDisk"] = new JsonObject { ["id"] = azure.Id(Disk(disk)) } };
    }

    /// <summary>The resource of a machine.</summary>
    /// <param name="name">Its name.</param>
    public static string Machine(string name) => $"Microsoft.Compute/virtualMachines/{name}";

    /// <summary>The resource of a disk.</summary>
    /// <param name="name">Its name.</param>
    public static string Disk(string name) => $"Microsoft.Compute/disks/{name}";
}
