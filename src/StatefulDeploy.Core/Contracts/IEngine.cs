namespace StatefulDeploy.Contracts;

/// <summary>A kind of stateful software, such as PostgreSQL or Redis. To add one is to implement this, and to derive from the engine contract's tests.</summary>
public interface IEngine
{
    /// <summary>The name that the YAML uses, in lower case, such as <c>redis</c>.</summary>
    string Name { get; }

    /// <summary>The name for people, such as <c>Redis</c>.</summary>
    string DisplayName { get; }

    /// <summary>Whether its nodes may be on other hosts than the one that the upgrade is run on.</summary>
    bool SupportsOtherHosts => false;

    /// <summary>Asks and refuses before anything is touched.</summary>
    IEnginePreflight Preflight { get; }

    /// <summary>Makes and removes green nodes.</summary>
    INodeProvisioner Provisioner { get; }

    /// <summary>Carries one cluster's data into the other.</summary>
    IReplicator Replicator { get; }

    /// <summary>Acts inside the closed window, and prepares them.</summary>
    ISwitchover Switchover { get; }

    /// <summary>Closes and opens a node for client writes; run by the guard on the node's host.</summary>
    INodeGate Gate { get; }

    /// <summary>Compares all data of the two clusters.</summary>
    IDataComparer Comparer { get; }

    /// <summary>Makes restorable copies.</summary>
    ISnapshotter Snapshotter { get; }

    /// <summary>Makes copies for suites that write; null when the engine cannot, and such suites are refused.</summary>
    IDisposableCopy? Copies => null;

    /// <summary>Replays workloads; null when the engine cannot, and suites with one are refused.</summary>
    IWorkload? Workload => null;

    /// <summary>When the files of a running node can be copied; null when a node must be stopped for it.</summary>
    IDataFiles? Files => null;

    /// <summary>Stops and starts servers around the move of a volume with their data; null when the engine cannot, and the strategy is refused.</summary>
    IDataReuse? Reuse => null;

    /// <summary>What the engine runs in processes of its own, such as a relay; most have none.</summary>
    IReadOnlyList<IEngineWorker> Workers => [];
}
