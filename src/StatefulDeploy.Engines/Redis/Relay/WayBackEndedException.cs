namespace StatefulDeploy.Engines.Redis.Relay;

/// <summary>The relay cannot go on without losing or doubling a change: there is no way back any more.</summary>
internal sealed class WayBackEndedException(string message) : Exception(message);
