using System.Net;
using StatefulDeploy.Harness.Azure.Arm;
using StatefulDeploy.Harness.Azure.Compute;
using StatefulDeploy.Harness.Azure.Faults;
using StatefulDeploy.Harness.Azure.Identity;
using StatefulDeploy.Harness.Azure.Monitor;
using StatefulDeploy.Harness.Azure.Network;
using StatefulDeploy.Harness.Azure.OpenApi;
using StatefulDeploy.Harness.Azure.Resources;

namespace StatefulDeploy.Harness.Azure;

/// <summary>
/// Azure Resource Manager of one test: a real HTTPS server that is held to Microsoft's published API and to recordings of the real one.
/// A test ends with <see cref="Verify"/>.
/// </summary>
public sealed class AzureSimulator : IAsyncDisposable
{
    /// <summary>The one subscription there is.</summary>
    public const string Subscription = "00000000-0000-0000-0000-000000000000";

    /// <summary>The tenant that it is in.</summary>
    public const string Tenant = "11111111-1111-1111-1111-111111111111";

    /// <summary>The object id of whoever calls.</summary>
    public const string Principal = "22222222-2222-2222-2222-222222222222";

    /// <summary>The client secret that the token endpoint takes, and the identity header of a managed identity.</summary>
    public const string Secret = "a secret of the simulator";

    private readonly AzureCloud _cloud;
    private readonly ArmFrontDoor _door;
    private readonly ArmServer _server;
    private readonly TokenIssuer _tokens;

    private AzureSimulator(AzureOptions options)
    {
        var library = OpenApiLibrary.Shared;
        _cloud = new AzureCloud(options, Faults, Monitor);
        _tokens = new TokenIssuer(options.TokenLifetime, options.Time);
        var groups = new ResourceGroups(_cloud, Rights);
        _door = new ArmFrontDoor(_cloud, Routes(groups), new OpenApiContract(library, options.AcceptNewerVersions), _tokens, new Throttle(options.Limits, options.Time), Rights, groups);
        _server = new ArmServer(new IPEndPoint(options.Address, options.Port), _door, new TokenEndpoints(_tokens, Secret), Faults, library);
    }

    /// <summary>Where it listens: Resource Manager, Entra ID's tokens (<c>/{tenant}/oauth2/v2.0/token</c>), and managed identities
    /// (<c>/metadata/identity/oauth2/token</c>, <c>/msi/token</c>).</summary>
    public Uri Endpoint => _server.Endpoint;

    /// <summary>The certificate of its authority, in PEM.</summary>
    public string AuthorityPem => _server.AuthorityPem;

    /// <summary>What goes wrong.</summary>
    public FaultSet Faults { get; } = new();

    /// <summary>What must never happen.</summary>
    public InvariantMonitor Monitor { get; } = new();

    /// <summary>What the caller may do.</summary>
    public CallerRights Rights { get; } = new();

    /// <summary>What clients asked that the published API does not allow.</summary>
    public IReadOnlyList<Violation> Violations => _door.Violations;

    /// <summary>All requests, those of <see cref="AzureCaller"/>s left out: for a budget.</summary>
    public IReadOnlyList<RequestRecord> Requests => [.. _server.Requests.Where(request => !request.Caller.StartsWith(AzureCaller.Agent, StringComparison.Ordinal))];

    /// <summary>How many tokens were issued.</summary>
    public int TokensIssued => _tokens.Issued;

    /// <summary>Starts one.</summary>
    /// <param name="options">How it is set up.</param>
    public static async Task<AzureSimulator> StartAsync(AzureOptions? options = null)
    {
        var simulator = new AzureSimulator(options ?? new AzureOptions());
        await simulator._server.StartAsync();
        return simulator;
    }

    /// <summary>A token as Entra ID would issue it.</summary>
    public string IssueToken() => _tokens.Issue(Principal, Endpoint.AbsoluteUri);

    /// <summary>Somebody who uses it directly: a test that sets the stage or looks, or a colleague.</summary>
    /// <param name="group">The resource group that names are in.</param>
    public AzureCaller Caller(string group) => new(this, group);

    /// <summary>What clients asked that the published API does not allow, forgotten with this: for a test that does it on purpose.</summary>
    public IReadOnlyList<Violation> TakeViolations() => _door.TakeViolations();

    /// <summary>Waits until no operation is under way.</summary>
    public Task IdleAsync() => _cloud.Operations.IdleAsync();

    /// <summary>Ends a test: nobody broke the API, neither client nor simulator, and nothing happened that must not.</summary>
    /// <exception cref="InvalidOperationException">Something did; the message says what.</exception>
    public void Verify()
    {
        var told = _door.Bugs.Select(bug => $"the simulator answered what the API does not allow: {bug}")
            .Concat(Violations.Select(violation => $"a client asked what the API does not allow: {violation}"))
            .Concat(Monitor.Check().Select(finding => $"an invariant is broken: {finding}")).ToList();
        if (told.Count > 0)
        {
            throw new InvalidOperationException(string.Join('\n', told));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _cloud.DisposeAsync();
    }

    private ArmRoutes Routes(ResourceGroups groups)
    {
        var routes = new ArmRoutes();
        var machines = new Machines(_cloud);
        machines.Add(routes);
        new MachineActions(_cloud, machines).Add(routes);
        new ManagedDisks(_cloud).Add(routes);
        new Snapshots(_cloud).Add(routes);
        new Capacity(_cloud).Add(routes);
        new AvailabilitySets(_cloud).Add(routes);
        new VirtualNetworks(_cloud).Add(routes);
        new PublicAddresses(_cloud).Add(routes);
        new Interfaces(_cloud).Add(routes);
        new Balancers(_cloud).Add(routes);
        new Pools(_cloud).Add(routes);
        new PrivateDns(_cloud).Add(routes);
        groups.Add(routes);
        OperationRoutes.Add(routes, _cloud);
        return routes;
    }
}
