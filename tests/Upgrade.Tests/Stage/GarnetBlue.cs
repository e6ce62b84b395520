using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>A Garnet that serves all slots and reads its users from a file.</summary>
internal static class GarnetBlue
{
    public static async Task<GarnetServer> StartAsync(TestBed bed, string server, string aclFile)
    {
        await File.WriteAllTextAsync(aclFile, "user default on nopass +@all\n");
        var started = await bed.StartGarnetAsync(server, "--auth", "ACL", "--acl-file", aclFile, "--commandstats-monitor");
        await started.CallAsync("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        started.Recover = true;
        return started;
    }
}
