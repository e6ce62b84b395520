using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Disks;
using StatefulDeploy.Harness.Fleet;

namespace StatefulDeploy.Upgrade.Tests.Fleet;

/// <summary>How the disks of a service come to its machines.</summary>
internal interface IDiskShelf
{
    /// <summary>A section of the service file; empty for none.</summary>
    string Section { get; }

    /// <summary>Prepares for the machines of a fleet.</summary>
    Task PrepareAsync(TestBed bed, TestFleet fleet);

    /// <summary>Attaches the disk of a blue node, so that it has a device.</summary>
    /// <param name="node">The node's number.</param>
    /// <param name="disk">Its disk.</param>
    /// <param name="machine">The name of its machine.</param>
    /// <param name="host">The name of its host in the service file.</param>
    Task AttachAsync(int node, LoopDisk disk, string machine, string host);

    /// <summary>The keys of a volume that say what kind it is.</summary>
    string Describe(int node, LoopDisk disk);
}
