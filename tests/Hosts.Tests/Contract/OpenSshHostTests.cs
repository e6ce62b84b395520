using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Hosts.OpenSsh;

namespace StatefulDeploy.Hosts.Tests.Contract;

public sealed class OpenSshHostTests : HostContract
{
    protected override async Task<(IHost Host, string Folder)> StartAsync(TestBed bed)
    {
        var fleet = await bed.StartFleetAsync("one");
        await fleet["one"].RunAsync("mkdir", "/srv/work");
        return (new OpenSshHost(new SshHostOptions { Name = "far", Destination = "one", ConfigFile = fleet.SshConfig }), "/srv/work");
    }
}
