namespace StatefulDeploy.Protocols.Resp;

/// <summary>A command out of a replication stream.</summary>
/// <param name="Command">The command.</param>
/// <param name="ByteCount">How far it moves the replication offset, in bytes: its own length and that of empty lines before it.</param>
public readonly record struct RespStreamedCommand(RespCommand Command, long ByteCount);
