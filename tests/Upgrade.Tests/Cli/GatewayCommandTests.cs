using System.Text.Json;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Processes;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.Cli;

/// <summary>The gateway as a process, started as an init system would.</summary>
public sealed class GatewayCommandTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task It_tells_that_it_listens_and_ends_well_when_it_is_told_to()
    {
        await using var bed = new TestBed(output);
        await using var gateway = Start(bed, FreePort.Take());

        var ready = await gateway.WaitForLineAsync("\"ready\"", Patience);
        gateway.Terminate();

        Assert.Equal(0, await gateway.WaitForExitAsync(Patience));
        using var document = JsonDocument.Parse(ready);
        Assert.Equal("orders", document.RootElement.GetProperty("service").GetString());
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_and_is_no_crash()
    {
        await using var bed = new TestBed(output);
        var port = FreePort.Take();
        await using var first = Start(bed, port);
        await first.WaitForLineAsync("\"ready\"", Patience);

        await using var second = Start(bed, port);

        Assert.NotEqual(0, await second.WaitForExitAsync(Patience));
        Assert.Contains("what to do:", second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("This is a bug", second.Output, StringComparison.Ordinal);
    }

    private static TestProcess Start(TestBed bed, int port)
    {
        var folder = bed.NewFolder("gateway");
        var file = Path.Combine(folder, "orders.yaml");
        File.WriteAllText(file, $$"""
            name: orders
            engine: redis
            version: "7.0"
            nodes: [{ name: orders-1, endpoint: "127.0.0.1:1" }]
            router: { kind: gateway, listen: "127.0.0.1:{{port}}" }
            state: ./state
            guard: ./guard
            """);
        return TestProcess.StartDotnet("statefuldeploy", ["gateway", file]);
    }
}
