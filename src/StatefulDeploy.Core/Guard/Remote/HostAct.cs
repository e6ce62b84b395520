namespace StatefulDeploy.Guard.Remote;

/// <summary>What can be asked of a host through a client: the members of <see cref="Contracts.IHost"/>.</summary>
internal enum HostAct
{
    /// <summary>Nothing more: an earlier call is no longer wanted.</summary>
    Cancel,
    Run,
    StartDetached,
    IsRunning,
    Stop,
    ReadFile,
    WriteFile,
    CreateFolder,
    RemoveFolder,
    CopyFile,
    RenameFile,
    Measure,
    IsPortFree,
    FindFreePort,
}
