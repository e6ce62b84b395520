namespace StatefulDeploy.Guard.Remote;

/// <summary>What can be asked of a host through a client: the members of <see cref="Contracts.IHost"/>, and those of <see cref="Contracts.IRouter"/> that end a window.</summary>
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

    /// <summary>From here on: of the router, which is where the client is.</summary>
    RouterStatus,
    RouterHold,
    RouterReads,
    RouterSwitch,
    RouterRelease,
}
