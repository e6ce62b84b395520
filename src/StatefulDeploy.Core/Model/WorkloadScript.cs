namespace StatefulDeploy.Model;

/// <summary>A script of a workload.</summary>
/// <param name="Path">The full path of the file.</param>
/// <param name="Weight">How often it is run beside the others.</param>
public sealed record WorkloadScript(string Path, int Weight);
