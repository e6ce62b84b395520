using StatefulDeploy.Help;

namespace StatefulDeploy.Cmdlets.Tests;

/// <summary>The compiled cmdlets, for theories with one case a cmdlet.</summary>
public static class CmdletData
{
    public static TheoryData<string> Names => [.. HelpFiles.Cmdlets.Select(cmdlet => cmdlet.Name)];

    internal static CmdletShape Find(string name) => HelpFiles.Cmdlets.Single(cmdlet => cmdlet.Name == name);
}
