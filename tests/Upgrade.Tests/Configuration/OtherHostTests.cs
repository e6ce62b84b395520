using StatefulDeploy.Composition;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using StatefulDeploy.Upgrade.Tests.Stage;
using StatefulDeploy.Workflow.Planning;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.Configuration;

/// <summary>Which services may have nodes on other hosts than this machine, before anybody is asked.</summary>
public sealed class OtherHostTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("garnet", "local", "far", "OtherHostsNotSupported")]
    public async Task What_is_not_supported_is_refused_by_name(string engine, string blue, string green, string code)
    {
        var finding = Assert.Single(await InspectAsync(engine, blue, green));
        Assert.Equal((code, FindingSeverity.Refuse), (finding.Code, finding.Severity));
        Assert.NotEmpty(finding.Remedy);
    }

    [Theory]
    [InlineData("garnet")]
    [InlineData("postgresql")]
    [InlineData("redis")]
    public async Task On_this_machine_alone_nothing_is_refused(string engine) => Assert.Empty(await InspectAsync(engine, "local", "local"));

    [ServerFact("fleet")]
    public async Task A_host_that_does_not_answer_is_refused_with_its_reason()
    {
        var finding = Assert.Single(await InspectAsync("redis", "local", "far"));
        Assert.Equal(("HostUnreachable", FindingSeverity.Refuse), (finding.Code, finding.Severity));
        Assert.Contains("far", finding.Subject, StringComparison.Ordinal);
    }

    private Task<IReadOnlyList<Finding>> InspectAsync(string engine, string blue, string green)
    {
        var platform = Platform.Create();
        var service = new ServiceDescription
        {
            Name = "orders",
            Path = "/orders.yaml",
            Engine = engine,
            Hosts = new Dictionary<string, HostDescription>(StringComparer.Ordinal) { ["far"] = new() { Name = "far", Ssh = "nobody.invalid", ConfigFile = "/dev/null" } },
            Blue = Layout(ClusterColour.Blue, blue),
            Router = new RouterDescription("gateway", new NodeEndpoint("127.0.0.1", 1), "/none", new Dictionary<string, string>(StringComparer.Ordinal)),
            StateDirectory = "/none",
            GuardDirectory = "/none",
        };
        var context = new EngineContext
        {
            Service = service,
            Source = service.Blue,
            Target = Layout(ClusterColour.Green, green),
            UpgradeId = "u1",
            Hosts = platform.CreateHosts(service),
            Secrets = platform.CreateSecrets(service),
            OwnProgram = platform.OwnProgram,
            Reporter = new TestReporter(output),
        };
        return HostInspection.InspectAsync(context, platform.FindEngine(engine), CancellationToken.None);
    }

    private static ClusterLayout Layout(ClusterColour colour, string host) =>
        new(colour, "1", [new Shard("main", [new Node { Name = "n1", Endpoint = new NodeEndpoint("127.0.0.1", 1), Version = "1", Host = host, Role = NodeRole.Primary, Colour = colour }])]);
}
