using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>A Garnet that serves all slots.</summary>
internal static class GarnetBlue
{
    public static async Task<GarnetServer> StartAsync(TestBed bed, string server)
    {
        var started = await bed.StartGarnetAsync(server);
        await started.CallAsync("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        return started;
    }
}
