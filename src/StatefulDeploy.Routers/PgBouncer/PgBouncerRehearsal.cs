using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Routers.Instances;

namespace StatefulDeploy.Routers.PgBouncer;

/// <summary>The acts of a window against a stand-in of PgBouncer, in a folder of its own: what first runs inside the window is compiled there.</summary>
internal static class PgBouncerRehearsal
{
    private const int Rounds = 2;
    private static readonly NodeEndpoint Here = new("127.0.0.1", 1);
    private static readonly NodeEndpoint There = new("127.0.0.1", 2);

    /// <summary>Plays them.</summary>
    public static async Task RunAsync(IHostDirectory hosts, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("statefuldeploy-rehearsal-");
        try
        {
            var file = Path.Combine(folder.FullName, "pgbouncer.ini");
            await File.WriteAllTextAsync(file, $"[databases]\napp = host={Here.Host} port={Here.Port}\n", cancellationToken);
            using var standIn = new PgBouncerStandIn();
            var instance = new PgBouncerInstance(new PgBouncerOptions(standIn.Address, "rehearsal", null, new RouterConfigFile(hosts["local"], file), false, TimeSpan.FromSeconds(1)));
            await using var stage = new InstancesRouter(PgBouncerRouter.Kind, new RouterPromise(true, true, true, TimeSpan.Zero, string.Empty), folder.FullName, [instance], _ => Task.CompletedTask);
            var limits = new HoldLimits(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), 1, TimeSpan.FromSeconds(1));
            for (var round = 0; round < Rounds; round++)
            {
                var target = new RouterTargets(new Dictionary<string, NodeEndpoint>(StringComparer.Ordinal) { ["rehearsal"] = round % 2 == 0 ? There : Here });
                await stage.PrepareAsync(target, 1, cancellationToken);
                await stage.HoldAsync(limits, 1, cancellationToken);
                await stage.RouteReadsAsync(target, 1, cancellationToken);
                await stage.SwitchAsync(target, 1, cancellationToken);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
