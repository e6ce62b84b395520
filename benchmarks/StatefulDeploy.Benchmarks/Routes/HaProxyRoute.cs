using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Benchmarks.Routes;

/// <summary>HAProxy in TCP mode, which looks at nothing it passes on.</summary>
public sealed class HaProxyRoute : IRoute
{
    public string Name => "haproxy";

    public string? WhyNot => ServerCatalog.WhyMissing(["haproxy"]);

    public async Task<int> OpenAsync(TestBed bed, RespServer server)
    {
        ArgumentNullException.ThrowIfNull(bed);
        ArgumentNullException.ThrowIfNull(server);
        return (await bed.StartHaProxyAsync(port => HaProxyServer.Tcp(port, server.Port))).Port;
    }
}
