using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Benchmarks.Routes;

/// <summary>No router at all.</summary>
public sealed class DirectRoute : IRoute
{
    public string Name => "direct";

    public string? WhyNot => null;

    public Task<int> OpenAsync(TestBed bed, RespServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        return Task.FromResult(server.Port);
    }
}
