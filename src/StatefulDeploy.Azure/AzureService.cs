using System.Collections.Concurrent;
using Azure.Core;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Azure.Credentials;
using StatefulDeploy.Azure.Disks;
using StatefulDeploy.Azure.Machines;
using StatefulDeploy.Azure.Session;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure;

/// <summary>One service on Azure: which of its hosts is which machine, which of its volumes is which disk, and the way to Resource Manager.</summary>
internal sealed class AzureService
{
    // One sign-in, one count of requests and one knowledge of the quotas a process, whatever is made of it one after another.
    private static readonly ConcurrentDictionary<(AzureEnvironment, string?, AzureCredentialDescription, string?, TokenCredential?), ArmClient> Clients = new();

    private readonly IReporter _reporter;

    public AzureService(ServiceDescription service, IReporter reporter)
        : this(service, reporter, SignedIn(Described(service), reporter))
    {
    }

    public AzureService(ServiceDescription service, IReporter reporter, ArmClient client)
    {
        Service = service;
        Azure = Described(service);
        ResourceNames.RequireSubscription(Azure.Subscription);
        ResourceNames.RequireGroup(Azure.ResourceGroup);
        _reporter = reporter;
        Client = client;
        Operations = new ArmOperations(Client);
        Sizes = new SizeCatalog(Client, Azure.Subscription);
        Rights = new CallerRights(Client);
        Notes = new AzureNotes(Path.Combine(service.StateDirectory, "azure"));
    }

    /// <summary>The service.</summary>
    public ServiceDescription Service { get; }

    /// <summary>Its section of the service file.</summary>
    public AzureDescription Azure { get; }

    /// <summary>How green's machines are to look.</summary>
    public AzureGreenDescription Green => Azure.Green ?? new AzureGreenDescription();

    /// <summary>The way to Resource Manager.</summary>
    public ArmClient Client { get; }

    /// <summary>Waits for what was begun there.</summary>
    public ArmOperations Operations { get; }

    /// <summary>What each size of machine can have.</summary>
    public SizeCatalog Sizes { get; }

    /// <summary>What the identity may do.</summary>
    public CallerRights Rights { get; }

    /// <summary>What must not be forgotten when this process ends.</summary>
    public AzureNotes Notes { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock => Client.Clock;

    /// <summary>How fast, and how long.</summary>
    public ArmPace Pace => Client.Pace;

    /// <summary>All machines of the service that are told.</summary>
    public IReadOnlyList<ResourceId> Machines =>
        [.. Azure.Machines.Keys.Concat(Service.Hosts.Keys).Distinct(StringComparer.Ordinal).Select(MachineOf).Distinct()];

    /// <summary>The machine of a host.</summary>
    /// <exception cref="UpgradeException">It is not told, or its name is wrong.</exception>
    public ResourceId MachineOf(string host)
    {
        if (Azure.Machines.TryGetValue(host, out var told))
            return Resolve(ResourceTypes.Machine, told);

        return host != "local" ? Resolve(ResourceTypes.Machine, host) : throw new UpgradeException(
            "MachineUnknown", "Which virtual machine this one is, the host 'local', is not told.", "Add it under azure.machines in the service file: 'local: NAME'.", FailureCategory.InvalidInput) { Target = "azure.machines.local" };
    }

    /// <summary>The disk of a volume.</summary>
    /// <exception cref="UpgradeException">Its name is wrong.</exception>
    public ResourceId DiskOf(VolumeDescription volume) => Resolve(ResourceTypes.Disk, volume.Disk!);

    /// <summary>A resource by its name in the service's group, or by its whole id.</summary>
    /// <exception cref="UpgradeException">It is neither.</exception>
    public ResourceId Resolve(string type, string nameOrId)
    {
        if (!nameOrId.StartsWith('/'))
            return ResourceId.Of(Azure.Subscription, Azure.ResourceGroup, type, nameOrId);

        var id = ResourceId.Parse(nameOrId);
        return id.Type.Equals(type, StringComparison.OrdinalIgnoreCase) ? id : throw new UpgradeException(
            "InvalidResourceId", $"'{nameOrId}' is the id of a resource of the type {id.Type}, and one of {type} is meant.", "Correct the id in the service file.", FailureCategory.InvalidInput) { Target = nameOrId };
    }

    /// <summary>Tells a step.</summary>
    public void Tell(string message, ReportLevel level = ReportLevel.Verbose) => _reporter.Report(new ReportEvent(level, message));

    /// <summary>Tells what was asked of Azure so far; nothing when nothing was.</summary>
    public void TellBudget()
    {
        if (Client.Budget.Total > 0)
            Tell(Client.Budget.ToString());
    }

    private static ArmClient SignedIn(AzureDescription azure, IReporter reporter)
    {
        var environment = AzureEnvironment.Of(azure);
        var session = azure.Credential == new AzureCredentialDescription() ? AzureSession.Find(environment, azure.Tenant) : null;
        return Clients.GetOrAdd(
            (environment, azure.Tenant, azure.Credential, azure.CaFile, session),
            _ => new ArmClient(environment, session ?? AzureCredentials.Of(azure, environment, reporter), new ArmPace(), TimeProvider.System, TrustedAuthority.TransportFor(azure.CaFile)));
    }

    private static AzureDescription Described(ServiceDescription service) => service.Azure ?? throw new UpgradeException(
        "MissingKey",
        $"{service.Path}: what is on Azure is used, and the section 'azure' is missing.",
        "Add 'azure' with at least 'subscription' and 'resourceGroup'; see about_StatefulDeploy_Azure.",
        FailureCategory.InvalidInput)
    { Target = "azure" };
}
