namespace StatefulDeploy.Engines.Redis.Relay;

/// <summary>From where a relay starts.</summary>
/// <param name="Green">The point captured when green was promoted.</param>
/// <param name="BlueReplicationId">The history that blue had when its final position was read: green remembers it as its second one.</param>
/// <param name="IsFirst">Whether blue was never attached: only then may bookkeeping be missing.</param>
/// <param name="IsThrownBack">Whether blue was promoted and is now to go on where it was then.</param>
internal sealed record RelayStart(RedisPosition Green, string BlueReplicationId, bool IsFirst, bool IsThrownBack = false);
