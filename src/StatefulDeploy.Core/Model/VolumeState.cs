namespace StatefulDeploy.Model;

/// <summary>Where a volume is.</summary>
public enum VolumeState
{
    /// <summary>No host of the service sees it.</summary>
    Detached,

    /// <summary>A host sees it, and it is not mounted.</summary>
    Attached,

    /// <summary>It is mounted where the service file says.</summary>
    Mounted,

    /// <summary>It is where it must not be: on two hosts, at two places, or with another file system; the message says which.</summary>
    Conflict,

    /// <summary>A host of the service cannot be asked, and no other one has it.</summary>
    Unknown,
}
