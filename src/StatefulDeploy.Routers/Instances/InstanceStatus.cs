namespace StatefulDeploy.Routers.Instances;

/// <summary>What one process of a router does now.</summary>
/// <param name="Target">Where it sends requests.</param>
/// <param name="Sessions">Clients connected to it.</param>
/// <param name="Waiting">Clients whose request it holds.</param>
internal sealed record InstanceStatus(string Target, int Sessions, int Waiting);
