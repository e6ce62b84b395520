namespace StatefulDeploy.Harness.Servers;

/// <summary>A real server on this machine.</summary>
/// <param name="Name">Its name in the catalog, such as <c>redis-8.0</c>.</param>
/// <param name="Version">Its version, as the tests mean it.</param>
/// <param name="Program">The path of its executable.</param>
public sealed record ServerInstallation(string Name, string Version, string Program);
