using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Redis.Relay;

/// <summary>What a relay process is told. Holds no secret.</summary>
/// <param name="Service">The service.</param>
/// <param name="Shards">Its shards.</param>
internal sealed record RelaySpecification(ServiceDescription Service, IReadOnlyList<RelayShard> Shards);
