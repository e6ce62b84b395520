using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Redis.Relay;

/// <summary>One shard of a relay.</summary>
/// <param name="Name">The shard.</param>
/// <param name="Green">The primary whose stream is read.</param>
/// <param name="Blue">The primary that is fed.</param>
/// <param name="Start">From where.</param>
internal sealed record RelayShard(string Name, Node Green, Node Blue, RelayStart Start);
