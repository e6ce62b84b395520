using StatefulDeploy.Harness.Azure;
using StatefulDeploy.Harness.Azure.OpenApi;

namespace StatefulDeploy.Azure.Tests.Simulator;

/// <summary>The examples that Microsoft publishes beside its OpenAPI files: the validator takes them, and the simulator answers them by the API.</summary>
public sealed class ExampleTests : SimulatorTest
{
    private static readonly string[] Answered =
    [
        "VirtualMachines_CreateOrUpdate", "VirtualMachines_Update", "VirtualMachines_Get", "VirtualMachines_List", "VirtualMachines_InstanceView", "VirtualMachines_AttachDetachDataDisks",
        "VirtualMachines_Deallocate", "VirtualMachines_Start", "VirtualMachines_PowerOff", "VirtualMachines_Delete", "AvailabilitySets_CreateOrUpdate", "AvailabilitySets_Get",
        "Disks_CreateOrUpdate", "Disks_Update", "Disks_Get", "Disks_ListByResourceGroup", "Disks_Delete", "Snapshots_CreateOrUpdate", "Snapshots_Update", "Snapshots_Get", "Snapshots_Delete",
        "VirtualNetworks_CreateOrUpdate", "PublicIPAddresses_CreateOrUpdate", "NetworkInterfaces_CreateOrUpdate", "NetworkInterfaces_Get", "LoadBalancers_CreateOrUpdate", "LoadBalancers_Get",
        "LoadBalancerBackendAddressPools_CreateOrUpdate", "LoadBalancerBackendAddressPools_Get", "PrivateZones_CreateOrUpdate", "PrivateZones_Get", "RecordSets_CreateOrUpdate", "RecordSets_Get",
        "ResourceSkus_List", "Usage_List",
    ];

    // The examples change one machine more often than its limit allows.
    protected override AzureOptions Options => new() { Limits = [] };

    [AzureFact]
    public async Task The_simulator_answers_the_published_examples_by_the_api()
    {
        var answered = new List<int>();
        foreach (var example in PublishedExample.All().OrderBy(example => example.Request.Method is "GET" ? 1 : 0).Where(example => Answered.Contains(example.Operation)))
        {
            var path = example.Path(AzureSimulator.Subscription, "service");
            var reply = await Azure.SendAsync(example.Request.Method, path, example.Request.Body);
            await Azure.WaitAsync(reply);
            answered.Add(reply.Status);
        }

        // Many refer to what is not there, and some break their own schema: those are refused, and by the API as well.
        Simulator.TakeViolations();
        Simulator.Monitor.Take();
        Assert.True(answered.Count(status => status < 300) > 60, $"{answered.Count(status => status < 300)} of {answered.Count} were taken");
    }

    [AzureFact]
    public void The_validator_takes_the_published_examples_but_for_those_that_break_their_own_schema()
    {
        var contract = new OpenApiContract(OpenApiLibrary.Shared, acceptNewer: false);
        var examples = PublishedExample.All().ToList();
        var wrong = examples.SelectMany(example => example.Problems(contract).Select(problem => $"{example.Name}: {problem}")).ToList();
        Assert.True(examples.Count > 400, FormattableString.Invariant($"{examples.Count} examples were read"));
        var broken = ExceptionsFile.Section("x-broken-examples").AsObject().Select(pair => pair.Key + ": ").ToList();
        var unknown = wrong.Where(problem => !broken.Exists(known => problem.StartsWith(known, StringComparison.Ordinal)));
        Assert.True(!unknown.Any(), string.Join('\n', unknown));
        // What is listed and not found would be a validator that got worse.
        Assert.All(broken, known => Assert.Contains(wrong, problem => problem.StartsWith(known, StringComparison.Ordinal)));
    }
}
