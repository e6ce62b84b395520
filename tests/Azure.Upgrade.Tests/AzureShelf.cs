using System.Net;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Azure;
using StatefulDeploy.Harness.Azure.Faults;
using StatefulDeploy.Harness.Azure.Hardware;
using StatefulDeploy.Harness.Azure.Identity;
using StatefulDeploy.Harness.Disks;
using StatefulDeploy.Harness.Fleet;
using StatefulDeploy.Upgrade.Tests.Fleet;

namespace StatefulDeploy.Azure.Upgrade.Tests;

/// <summary>
/// Managed disks: every machine of the fleet is a virtual machine of a simulator that listens where the machines reach it, and the disks come and
/// go by its API alone. Whoever upgrades signs in as an application, by a certificate in a file of the operator's machine.
/// </summary>
internal sealed partial class AzureShelf : IDiskShelf
{
    private const string Group = "service";

    private AzureCaller? _caller;

    /// <summary>How the simulator is set up, but for its hardware and address.</summary>
    public AzureOptions Options { get; init; } = new();

    /// <summary>How long a detachment is waited for, as the service file has it.</summary>
    public string DetachPatience { get; init; } = "30m";

    /// <summary>The version of the API of virtual machines: the one with the action that attaches and detaches, or one without.</summary>
    public string ComputeApiVersion { get; init; } = "2024-03-01";

    public AzureSimulator Simulator { get; private set; } = null!;

    public FleetHardware Hardware { get; private set; } = null!;

    /// <summary>The test's own way to the simulator; also a colleague's.</summary>
    public AzureCaller Azure => _caller!;

    public string Section => $$"""
        azure:
          environment: simulated
          endpoint: {{Address}}
          authority: {{Address}}
          audience: {{Address}}
          caFile: /srv/authority.pem
          tenant: {{AzureSimulator.Tenant}}
          subscription: {{AzureSimulator.Subscription}}
          resourceGroup: {{Group}}
          computeApiVersion: {{ComputeApiVersion}}
          credential: { kind: certificate, clientId: {{AzureSimulator.Principal}}, certificateFile: /srv/identity.pem }
          machines: { local: blue-1, b2: blue-2, b3: blue-3, g1: green-1, g2: green-2, g3: green-3 }
          detachPatience: {{DetachPatience}}
        """;

    private string Address => Simulator.Endpoint.ToString().TrimEnd('/');

    public async Task PrepareAsync(TestBed bed, TestFleet fleet)
    {
        Hardware = bed.Own(new FleetHardware(bed.NewFolder("copies")));
        Simulator = bed.Own(await AzureSimulator.StartAsync(Options with { Hardware = Hardware, Address = IPAddress.Parse(fleet.OurAddress) }));
        _caller = Simulator.Caller(Group);
        await Azure.MakeGroupAsync();
        foreach (var machine in fleet.Machines)
        {
            await Hardware.BindAsync(machine.Name, machine);
        }

        foreach (var machine in fleet.Machines.Where(machine => machine.Name.StartsWith("green", StringComparison.Ordinal)))
        {
            await Azure.MakeMachineAsync(machine.Name);
        }

        var home = fleet["blue-1"].Disk;
        await File.WriteAllTextAsync(Path.Combine(home, "authority.pem"), Simulator.AuthorityPem);
        await File.WriteAllTextAsync(Path.Combine(home, "identity.pem"), TestApplication.MakeIdentity());
    }

    public async Task AttachAsync(int node, LoopDisk disk, string machine, string host)
    {
        Hardware.Bind(Name(node), disk);
        await Azure.MakeDiskAsync(Name(node));
        await Azure.MakeMachineAsync(machine, disks: Name(node));
    }

    public string Describe(int node, LoopDisk disk) => $"provider: azure, disk: {Name(node)}";

    /// <summary>The managed disk of a node.</summary>
    public static string Name(int node) => FormattableString.Invariant($"orders-data-{node}");

    /// <summary>The faults that were injected.</summary>
    public List<Fault> Injected { get; } = [];

    /// <summary>How often somebody looked how an operation is.</summary>
    public int Polls => Simulator.Requests.Count(request => request.Path.Contains("/locations/", StringComparison.Ordinal));

    /// <summary>Whether an attachment was refused because the disk is not free yet, or somebody else is at its machine.</summary>
    public bool WasRefused => Simulator.Requests.Any(request => request.Status == 409);

    /// <summary>The requests of the product that changed something and were taken, by what they are in the published API.</summary>
    public IReadOnlyList<string> Changes => [.. Simulator.Requests.Where(request => request.Method != "GET" && request.Status < 400).Select(request => request.Operation)];

    /// <summary>The changes of one machine that were taken.</summary>
    public IReadOnlyList<string> Taken(string machine) =>
        [.. Simulator.Requests.Where(request => request.Method != "GET" && request.Status is 0 or (>= 200 and < 400) && request.Path.Split('/').Contains(machine)).Select(request => request.Operation)];

    /// <summary>Has something go wrong at Azure.</summary>
    public Fault Inject(Fault fault)
    {
        Injected.Add(fault);
        return Simulator.Faults.Inject(fault);
    }

    /// <summary>The machine that has a disk, or <c>nobody</c>.</summary>
    public async Task<string> OwnerAsync(string disk) => (await Azure.GetAsync(AzureStage.Disk(disk)))!["managedBy"]?.GetValue<string>().Split('/')[^1] ?? "nobody";

    /// <summary>The machine that has each disk, by the disks' numbers.</summary>
    public async Task<IReadOnlyList<string>> OwnersAsync()
    {
        var owners = new List<string>();
        for (var node = 1; node <= 3; node++)
        {
            owners.Add(await OwnerAsync(Name(node)));
        }

        return owners;
    }
}
