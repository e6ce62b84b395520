using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Benchmarks.Routes;

/// <summary>A way for requests to reach a server.</summary>
public interface IRoute
{
    string Name { get; }

    /// <summary>Why it cannot be used on this machine, or null.</summary>
    string? WhyNot { get; }

    /// <summary>Opens it.</summary>
    /// <param name="bed">What ends it afterwards.</param>
    /// <param name="server">Where it leads.</param>
    /// <returns>The port clients connect to.</returns>
    Task<int> OpenAsync(TestBed bed, RespServer server);
}
