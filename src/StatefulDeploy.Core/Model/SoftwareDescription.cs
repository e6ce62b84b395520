namespace StatefulDeploy.Model;

/// <summary>Where one version of the engine's software is found on the hosts.</summary>
/// <param name="Version">The version, as the file names it.</param>
/// <param name="Server">The server program; null to let the engine find or fetch it.</param>
/// <param name="Settings">Other programs or options of this version, by name.</param>
public sealed record SoftwareDescription(string Version, string? Server, IReadOnlyDictionary<string, string> Settings);
