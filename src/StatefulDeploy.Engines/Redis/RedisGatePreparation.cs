namespace StatefulDeploy.Engines.Redis;

/// <summary>What preparing a gate has found out, so that closing takes one round trip.</summary>
/// <param name="File">The node's configuration file, which is closed already.</param>
/// <param name="Text">What was written to it.</param>
/// <param name="Fence">The users and what is taken from them.</param>
internal sealed record RedisGatePreparation(RedisConfigFile File, string Text, RedisFence Fence);
