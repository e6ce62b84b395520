namespace StatefulDeploy.Harness.Azure.Hardware;

/// <summary>What is behind the machines and disks of the simulator: it is told of every change when that happens, and the operation waits for it.</summary>
public interface IAzureHardware
{
    /// <summary>A disk appears in a machine.</summary>
    /// <param name="machine">The machine's name.</param>
    /// <param name="disk">The disk's name.</param>
    /// <param name="lun">Where.</param>
    Task AttachAsync(string machine, string disk, int lun);

    /// <summary>A disk disappears from a machine.</summary>
    /// <param name="machine">The machine's name.</param>
    /// <param name="disk">The disk's name.</param>
    /// <param name="lun">Where it was.</param>
    Task DetachAsync(string machine, string disk, int lun);

    /// <summary>A disk or snapshot is made as it is now of another.</summary>
    /// <param name="source">The name of the other.</param>
    /// <param name="copy">Its name.</param>
    Task CopyAsync(string source, string copy);

    /// <summary>A machine gets or loses its power.</summary>
    /// <param name="machine">The machine's name.</param>
    /// <param name="on">Which.</param>
    Task PowerAsync(string machine, bool on);

    /// <summary>The address that an interface gets; null for the next free one of its subnet.</summary>
    /// <param name="networkInterface">The interface's name.</param>
    string? AddressOf(string networkInterface);

    /// <summary>A disk or snapshot is deleted, and its data with it.</summary>
    /// <param name="disk">Its name.</param>
    Task DeleteAsync(string disk);
}
