namespace StatefulDeploy.Upgrade.Host;

/// <summary>What the process does to itself at a fault point.</summary>
internal enum FaultAct
{
    /// <summary>SIGKILL.</summary>
    Kill,

    /// <summary>SIGSTOP; the test sends SIGCONT.</summary>
    Stop,

    /// <summary>The step stands still until the test lets it go on; the process lives.</summary>
    Wait,
}
