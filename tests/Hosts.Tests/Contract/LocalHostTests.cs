using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Hosts.Local;

namespace StatefulDeploy.Hosts.Tests.Contract;

public sealed class LocalHostTests : HostContract
{
    protected override Task<(IHost Host, string Folder)> StartAsync(TestBed bed) => Task.FromResult<(IHost, string)>((new LocalHost(), bed.NewFolder("host")));

    [ServerFact("fleet")]
    public Task A_process_whose_first_thread_has_ended_runs_until_its_last_one_has() => EndAProcessWhoseFirstThreadHasEndedAsync();
}
