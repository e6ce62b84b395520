using StatefulDeploy.Composition;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.Garnet;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>A Garnet that the product itself has brought up, as only such a one can be started anew empty: without that it has no way back.</summary>
internal static class GarnetBlue
{
    /// <summary>Its place. It does not run yet, and the test does not own its process: see <see cref="LeftOvers"/>.</summary>
    public static GarnetServer Plan(TestBed bed, string server) => new(ServerCatalog.Get(server), bed.NewFolder(server), FreePort.Take(10000), []);

    /// <summary>Starts it as the service file describes it, empty and with all slots.</summary>
    public static async Task BringUpAsync(LiveService live)
    {
        var platform = Platform.Create();
        var service = platform.ReadService(live.File);
        await GarnetEngine.BringUpSourceAsync(
            new EngineContext
            {
                Service = service,
                Source = service.Blue,
                Target = new ClusterLayout(ClusterColour.Green, ServiceShape.VersionOf(live.Shape.To), []),
                UpgradeId = "test",
                Hosts = platform.CreateHosts(service),
                Secrets = platform.CreateSecrets(service),
                OwnProgram = platform.OwnProgram,
                Reporter = new Silence(),
            },
            default);
    }

    private sealed class Silence : IReporter
    {
        public void Report(ReportEvent report)
        {
            // What fails is thrown.
        }
    }
}
