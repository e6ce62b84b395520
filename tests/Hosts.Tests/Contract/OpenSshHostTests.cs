using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
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

    [ServerFact("fleet")]
    public Task A_process_whose_first_thread_has_ended_runs_until_its_last_one_has() => EndAProcessWhoseFirstThreadHasEndedAsync();
}
