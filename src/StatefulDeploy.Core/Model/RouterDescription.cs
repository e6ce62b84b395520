namespace StatefulDeploy.Model;

/// <summary>What clients connect to.</summary>
/// <param name="Kind">The kind of router, such as <c>gateway</c>.</param>
/// <param name="Listen">Where clients reach the service.</param>
/// <param name="Admin">Its control address: the path of a socket, or host:port.</param>
/// <param name="Settings">What only this kind understands, by name.</param>
public sealed record RouterDescription(string Kind, NodeEndpoint Listen, string Admin, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>Its processes, where there is more than one or it is on another host; empty for one on this machine.</summary>
    public IReadOnlyList<RouterInstance> Instances { get; init; } = [];

    /// <summary>All its processes.</summary>
    public IReadOnlyList<RouterInstance> All => Instances is { Count: > 0 } ? Instances : [new RouterInstance(Admin, "local", Settings)];
}
