using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Hosts.Local;
using StatefulDeploy.Model;
using StatefulDeploy.Routers.HaProxy;
using StatefulDeploy.Routers.PgBouncer;
using StatefulDeploy.Upgrade.Tests.Verification;

namespace StatefulDeploy.Upgrade.Tests.Routers;

/// <summary>Real routers before real servers, and what the workflow would hand to them.</summary>
internal sealed class RouterStage : IDisposable
{
    public static readonly HoldLimits Limits = new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10), 1 << 20, TimeSpan.FromMilliseconds(300));

    private readonly Scene _scene = new();
    private readonly TestBed _bed;

    public RouterStage(TestBed bed)
    {
        _bed = bed;
        File.WriteAllText(Path.Combine(bed.Folder, "password"), PostgresServer.AdminPassword);
    }

    public IRouter PgBouncer(int blue, IReadOnlyList<PgBouncerServer> poolers, string poolMode = "transaction") => PgBouncerRouter.Create(Describe(blue, new RouterDescription(
        PgBouncerRouter.Kind, new NodeEndpoint("127.0.0.1", poolers[0].Port), string.Empty, new Dictionary<string, string>(StringComparer.Ordinal) { ["poolMode"] = poolMode })
    {
        Instances = [.. poolers.Select(pooler => new RouterInstance(FormattableString.Invariant($"127.0.0.1:{pooler.Port}"), "local", new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["configFile"] = pooler.ConfigurationFile, ["adminUser"] = "postgres", ["adminPasswordFile"] = "./password",
        }))],
    }), new LocalHosts());

    public IRouter HaProxy(int blue, HaProxyServer proxy) => HaProxyRouter.Create(Describe(blue, new RouterDescription(
        HaProxyRouter.Kind, new NodeEndpoint("127.0.0.1", proxy.Port), proxy.Socket, new Dictionary<string, string>(StringComparer.Ordinal) { ["configFile"] = proxy.ConfigurationFile, ["servers"] = "servers/s1" })), new LocalHosts());

    public async Task<IReadOnlyList<string>> RefusalsAsync(IRouter router, int blue) =>
        [.. (await router.InspectAsync(_scene.Context() with { Source = Scene.Layout(ClusterColour.Blue, "15", blue) }, default)).Where(finding => finding.Severity == FindingSeverity.Refuse).Select(finding => finding.Code)];

    public static RouterTargets To(int port) => new(new Dictionary<string, NodeEndpoint>(StringComparer.Ordinal) { ["main"] = new("127.0.0.1", port) });

    public void Dispose() => _scene.Dispose();

    private ServiceDescription Describe(int blue, RouterDescription router) => new()
    {
        Name = "orders",
        Path = Path.Combine(_bed.Folder, "orders.yaml"),
        Engine = "postgresql",
        Blue = Scene.Layout(ClusterColour.Blue, "15", blue),
        Router = router,
        StateDirectory = Path.Combine(_bed.Folder, "state"),
        GuardDirectory = Path.Combine(_bed.Folder, "guard"),
    };
}
