using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure;
using static StatefulDeploy.Harness.Azure.AzureStage;

namespace StatefulDeploy.Azure.Tests.Simulator;

/// <summary>What the published API does not allow is found.</summary>
public sealed class ContractTests : SimulatorTest
{
    private static readonly string Vm = Machine("blue");

    public static TheoryData<string, string, string, string?> Wrong => new()
    {
        { "an unknown property", "PUT", Disk("d"), """{"location":"eastus2","properties":{"creationData":{"createOption":"Empty"},"diskSizeGB":4,"colour":"blue"}}""" },
        { "an unknown property deep inside", "PATCH", Vm, """{"properties":{"storageProfile":{"dataDisks":[{"lun":0,"createOption":"Attach","managedDisk":{"diskId":"x"}}]}}}""" },
        { "a missing property", "PUT", Disk("d"), """{"location":"eastus2","properties":{"diskSizeGB":4}}""" },
        { "a missing property of a list", "PATCH", Vm, """{"properties":{"storageProfile":{"dataDisks":[{"createOption":"Attach"}]}}}""" },
        { "a text for a number", "PUT", Disk("d"), """{"location":"eastus2","properties":{"creationData":{"createOption":"Empty"},"diskSizeGB":"4"}}""" },
        { "a fraction for a whole number", "PUT", Disk("d"), """{"location":"eastus2","properties":{"creationData":{"createOption":"Empty"},"diskSizeGB":4.5}}""" },
        { "a number beyond int32", "PUT", Disk("d"), """{"location":"eastus2","properties":{"creationData":{"createOption":"Empty"},"diskSizeGB":5000000000}}""" },
        { "a number for a text", "PUT", Disk("d"), """{"location":7,"properties":{"creationData":{"createOption":"Empty"},"diskSizeGB":4}}""" },
        { "a text for a boolean", "PATCH", Vm, """{"properties":{"storageProfile":{"dataDisks":[{"lun":0,"createOption":"Attach","toBeDetached":"yes"}]}}}""" },
        { "an object for an array", "PATCH", Vm, """{"properties":{"storageProfile":{"dataDisks":{}}}}""" },
        { "an array for an object", "PATCH", Vm, """{"properties":[]}""" },
        { "a value that is in no enumeration", "PUT", Disk("d"), """{"location":"eastus2","properties":{"creationData":{"createOption":"Nothing"},"diskSizeGB":4}}""" },
        { "a null", "PUT", Disk("d"), """{"location":"eastus2","properties":{"creationData":{"createOption":"Empty"},"diskSizeGB":null}}""" },
        { "no body", "PUT", Disk("d"), null },
        { "a body where none is taken", "DELETE", Disk("d"), "{}" },
        { "an unknown parameter", "GET", Disk("d") + "?$expand=all", null },
        { "a parameter that is in no enumeration", "GET", Vm + "?$expand=everything", null },
        { "no api-version", "GET", "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/service?api-version=", null },
        { "an api-version of no file", "GET", Disk("d") + "?api-version=2019-07-01", null },
        { "an api-version of the recordings", "GET", Disk("d") + "?api-version=2025-01-02", null },
        { "a method that is not there", "POST", Disk("d"), null },
        { "an action that is not there", "POST", Vm + "/explode", null },
        { "an action that an older version has not", "POST", Vm + "/attachDetachDataDisks?api-version=2023-07-01", """{"dataDisksToDetach":[{"diskId":"x"}]}""" },
        { "a name that does not match its pattern", "DELETE", "Microsoft.Compute/virtualMachines/blue?forceDeletion=maybe", null },
    };

    [AzureTheory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_request_is_refused_and_recorded(string what, string method, string resource, string? body)
    {
        var reply = await Azure.SendAsync(method, resource, body is null ? null : JsonNode.Parse(body));
        Assert.True(reply.Status == 400, $"{what}: {reply.Status} {reply.Body?.ToJsonString()}");
        Assert.Single(Simulator.TakeViolations());
    }

    [AzureFact]
    public async Task A_right_request_is_no_violation()
    {
        await Azure.MakeDiskAsync("d");
        Assert.Empty(Simulator.Violations);
    }

    [AzureFact]
    public async Task A_test_whose_client_broke_the_api_fails_at_its_end()
    {
        await Azure.SendAsync("GET", Disk("d") + "?$expand=all");
        var told = Assert.Throws<InvalidOperationException>(Simulator.Verify);
        Assert.Contains("has no parameter $expand", told.Message, StringComparison.Ordinal);
        Simulator.TakeViolations();
    }
}
