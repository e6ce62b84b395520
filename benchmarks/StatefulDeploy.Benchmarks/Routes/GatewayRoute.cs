using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Benchmarks.Routes;

/// <summary>Our gateway, a process of its own as in production.</summary>
public sealed class GatewayRoute : IRoute
{
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(20);

    public string Name => "gateway";

    public string? WhyNot => null;

    public async Task<int> OpenAsync(TestBed bed, RespServer server)
    {
        ArgumentNullException.ThrowIfNull(bed);
        ArgumentNullException.ThrowIfNull(server);
        var port = FreePort.Take();
        var gateway = bed.StartDotnet("Gateway.Host", $"127.0.0.1:{port}", $"127.0.0.1:{server.Port}", bed.NewFolder("gateway"));
        await gateway.WaitForLineAsync("\"ready\":true", StartsWithin);
        return port;
    }
}
