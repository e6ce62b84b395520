namespace StatefulDeploy.Contracts;

/// <summary>What a host has to give.</summary>
/// <param name="FreeDiskBytes">Free bytes on the file system asked for.</param>
/// <param name="FreeMemoryBytes">Available memory.</param>
/// <param name="Processors">Number of processors.</param>
public sealed record HostCapacity(long FreeDiskBytes, long FreeMemoryBytes, int Processors);
