namespace StatefulDeploy.Guard;

/// <summary>How a guard process is started: the arguments of <c>statefuldeploy guard</c>.</summary>
/// <param name="ServiceFile">The service file.</param>
/// <param name="GuardDirectory">The guard's folder; null for the one that the service file names.</param>
public sealed record GuardOptions(string ServiceFile, string? GuardDirectory = null);
