using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;
using StatefulDeploy.Routers.Gateway;
using Xunit.Abstractions;

namespace StatefulDeploy.Gateway.Tests;

public sealed class RouterTests(ITestOutputHelper output)
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly HoldLimits Limits = new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10), 1 << 20, TimeSpan.FromSeconds(2));

    [ServerFact("redis-7.0")]
    public async Task The_router_switches_a_service()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        var green = await bed.StartReplicaAsync(blue);
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var router = Router(gateway);
        await using var client = await gateway.ConnectAsync();
        await router.PrepareAsync(Targets(green), 1, None);
        await router.HoldAsync(Limits, 1, None);
        var status = await router.GetStatusAsync(None);
        Assert.Equal((GatewayUnderTest.Of(blue), GatewayUnderTest.Of(blue), true, 1L, 1), (status.WriteTarget, status.ReadTarget, status.Holding, status.Epoch, status.Sessions));
        await Switchover.DrainAsync(blue, green);
        await router.RouteReadsAsync(Targets(green), 1, None);
        Assert.Equal(GatewayUnderTest.Of(green), (await router.GetStatusAsync(None)).ReadTarget);
        await Switchover.PromoteAsync(green);
        await router.SwitchAsync(Targets(green), 1, None);
        status = await router.GetStatusAsync(None);
        Assert.Equal((GatewayUnderTest.Of(green), false), (status.WriteTarget, status.Holding));
        await client.ExecuteAsync(["SET", "a", "1"], None);
        var stale = await Assert.ThrowsAsync<UpgradeException>(() => router.ReleaseAsync(Targets(blue), 0, None));
        Assert.Equal(FailureCategory.StaleEpoch, stale.Category);
    }

    [ServerFact("redis-7.0")]
    public async Task A_router_outlives_a_restart_of_its_gateway()
    {
        await using var bed = new TestBed(output);
        var gateway = await GatewayUnderTest.StartAsync(bed, await bed.StartRedisAsync());
        await using var router = Router(gateway);
        await router.HoldAsync(Limits, 1, None);
        await gateway.Process.KillAsync();
        var gone = await Assert.ThrowsAsync<UpgradeException>(() => router.GetStatusAsync(None));
        Assert.Equal(FailureCategory.Unreachable, gone.Category);
        await gateway.StartAsync();
        Assert.True((await router.GetStatusAsync(None)).Holding);
    }

    [ServerFact("redis-7.0")]
    public async Task A_gateway_that_stands_still_is_told_as_a_timeout()
    {
        await using var bed = new TestBed(output);
        var gateway = await GatewayUnderTest.StartAsync(bed, await bed.StartRedisAsync());
        await gateway.Admin.SendAsync("status", [], TimeSpan.FromSeconds(10), None);
        await gateway.Process.SuspendAsync();
        var frozen = await Assert.ThrowsAsync<UpgradeException>(() => gateway.Admin.SendAsync("status", [], TimeSpan.FromMilliseconds(200), None));
        Assert.Equal(FailureCategory.Timeout, frozen.Category);
        gateway.Process.Continue();
        await gateway.Admin.SendAsync("status", [], TimeSpan.FromSeconds(10), None);
    }

    [ServerFact("redis-7.0")]
    public async Task The_admin_socket_and_the_state_are_the_owners_alone()
    {
        await using var bed = new TestBed(output);
        var gateway = await GatewayUnderTest.StartAsync(bed, await bed.StartRedisAsync());
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        foreach (var name in new[] { "", "admin.sock", "route" })
            Assert.Equal(default, File.GetUnixFileMode(Path.Combine(gateway.StateFolder, name)) & Others);
    }

    [ServerFact("redis-7.0")]
    public async Task A_wrong_command_is_refused_by_name()
    {
        await using var bed = new TestBed(output);
        var gateway = await GatewayUnderTest.StartAsync(bed, await bed.StartRedisAsync());
        foreach (var (command, arguments, error) in new (string, string, string)[]
        {
            ("nonsense", "{}", "GatewayUnknownCommand"),
            ("hold", "{}", "GatewayInvalidCommand"),
            ("hold", """{"epoch":1,"drainMs":0}""", "GatewayInvalidCommand"),
            ("switch", """{"epoch":1,"target":"nowhere"}""", "GatewayInvalidCommand"),
            ("reads", """{"epoch":1,"target":"127.0.0.1:1"}""", "GatewayNotHolding"),
            ("prepare", """{"epoch":1,"target":"127.0.0.1:1"}""", "GatewayUnreachable"),
        })
        {
            var request = System.Text.Json.Nodes.JsonNode.Parse(arguments)!.AsObject();
            var failure = await Assert.ThrowsAsync<UpgradeException>(() => gateway.Admin.SendAsync(command, request, TimeSpan.FromSeconds(10), None));
            Assert.Equal(error, failure.ErrorId);
        }
    }

    [ServerFact("redis-7.0")]
    public async Task A_rehearsal_plays_to_its_end_and_does_not_reach_the_gateway()
    {
        await using var bed = new TestBed(output);
        var gateway = await GatewayUnderTest.StartAsync(bed, await bed.StartRedisAsync());
        await using var router = Router(gateway);
        var before = await router.GetStatusAsync(None);
        await router.RehearseAsync(None);
        Assert.Equal(before, await router.GetStatusAsync(None));
    }

    [ServerFact("redis-7.0")]
    public async Task A_second_gateway_on_the_same_state_or_port_is_refused()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        var sameState = await Assert.ThrowsAsync<UpgradeException>(() => InProcessGateway.StartAsync(bed, blue.Port, options => options with { StateDirectory = gateway.StateFolder }));
        Assert.Equal("GatewayStateInUse", sameState.ErrorId);
        var samePort = await Assert.ThrowsAsync<UpgradeException>(() => InProcessGateway.StartAsync(bed, blue.Port, options => options with { Listen = [new NodeEndpoint("127.0.0.1", gateway.Port)] }));
        Assert.Equal("GatewayPortTaken", samePort.ErrorId);
    }

    [ServerFact("redis-7.0")]
    public async Task A_damaged_state_is_refused_with_the_file()
    {
        await using var bed = new TestBed(output);
        var folder = bed.NewFolder("damaged");
        await File.WriteAllTextAsync(Path.Combine(folder, "route"), "{\"version\":1,");
        var failure = await Assert.ThrowsAsync<UpgradeException>(() => InProcessGateway.StartAsync(bed, 1, options => options with { StateDirectory = folder }));
        Assert.Equal("GatewayStateDamaged", failure.ErrorId);
        Assert.Contains(Path.Combine(folder, "route"), failure.Message);
    }

    [ServerFact("redis-7.0")]
    public async Task A_gateway_told_to_drain_answers_what_is_under_way_and_ends()
    {
        await using var bed = new TestBed(output);
        var gateway = await GatewayUnderTest.StartAsync(bed, await bed.StartRedisAsync());
        await using var client = await gateway.ConnectAsync();
        var slow = client.SendAsync(["DEBUG", "SLEEP", "0.3"], None);
        await TestBed.WaitUntilAsync(async () => await gateway.CounterAsync("writes") == 1, "it was sent", TimeSpan.FromSeconds(10));
        await gateway.Admin.SendAsync("drain", [], TimeSpan.FromSeconds(10), None);
        Assert.Equal("OK", (await slow).AsString());
        Assert.Equal(0, await gateway.Process.WaitForExitAsync(TimeSpan.FromSeconds(20)));
    }

    [ServerFact("redis-7.0")]
    public async Task Clients_and_servers_may_be_encrypted()
    {
        await using var bed = new TestBed(output);
        var pem = TestCertificate.Write(bed.NewFolder("certificate"));
        var blue = await bed.StartRedisAsync();
        var inner = await InProcessGateway.StartAsync(bed, blue.Port, options => options with { ListenTls = new GatewayListenTls(pem.Certificate, pem.Key) });
        // The Redis at hand may be built without TLS: the gateway itself is the encrypted server of another gateway.
        var outer = await InProcessGateway.StartAsync(bed, inner.Port, options => options with
        {
            ListenTls = new GatewayListenTls(pem.Certificate, pem.Key),
            TargetTls = new RespTlsOptions { CaCertificateFile = pem.Certificate, TargetHost = "localhost" },
        });
        await using var client = await outer.ConnectAsync(new RespTlsOptions { CaCertificateFile = pem.Certificate, TargetHost = "localhost" });
        var value = new byte[3_000_000];
        new Random(2).NextBytes(value);
        await client.ExecuteAsync(["SET", "a", value], None);
        Assert.Equal(value, (await client.ExecuteAsync(["GET", "a"], None)).Bytes.ToArray());
        await Assert.ThrowsAsync<RespConnectionException>(() => outer.ConnectAsync(new RespTlsOptions { CaCertificateFile = pem.Certificate, TargetHost = "elsewhere" }));
    }

    private static GatewayRouter Router(GatewayUnderTest gateway) => new(new RouterDescription(
        "gateway",
        new NodeEndpoint("127.0.0.1", gateway.Port),
        Path.Combine(gateway.StateFolder, "admin.sock"),
        new Dictionary<string, string>()));

    private static RouterTargets Targets(RespServer server) =>
        new(new Dictionary<string, NodeEndpoint> { ["only"] = new("127.0.0.1", server.Port) });
}
