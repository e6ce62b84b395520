using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Hosts.Local;

namespace StatefulDeploy.Hosts.Tests.Contract;

public sealed class LocalHostTests : HostContract
{
    protected override Task<(IHost Host, string Folder)> StartAsync(TestBed bed) => Task.FromResult<(IHost, string)>((new LocalHost(), bed.NewFolder("host")));
}
