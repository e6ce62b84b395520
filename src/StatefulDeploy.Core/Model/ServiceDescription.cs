namespace StatefulDeploy.Model;

/// <summary>A service as its YAML file describes it, with every default filled in. Holds no secret, only where secrets are found.</summary>
public sealed record ServiceDescription
{
    /// <summary>The name of the service: 1 to 63 of a-z, 0-9 and '-', a letter first.</summary>
    public required string Name { get; init; }

    /// <summary>The full path of the file that describes it; with the shard's name behind it for a <see cref="ServicePart"/>.</summary>
    public required string Path { get; init; }

    /// <summary>The shard that this is, of a service whose shards have routers of their own; null for a whole service.</summary>
    public string? Shard { get; init; }

    /// <summary>The shards as services of their own, each with its router, state and guard; empty when the service is switched as a whole. A part has none.</summary>
    public IReadOnlyList<ServiceDescription> Parts { get; init; } = [];

    /// <summary>The name of the engine.</summary>
    public required string Engine { get; init; }

    /// <summary>What redundancy the data needs.</summary>
    public DataClass DataClass { get; init; } = DataClass.Standard;

    /// <summary>The hosts other than this machine, by name.</summary>
    public IReadOnlyDictionary<string, HostDescription> Hosts { get; init; } = new Dictionary<string, HostDescription>(StringComparer.Ordinal);

    /// <summary>The cluster that serves now.</summary>
    public required ClusterLayout Blue { get; init; }

    /// <summary>How green is to look; its version may be given later by the operator.</summary>
    public GreenDescription Green { get; init; } = new();

    /// <summary>Where the servers of each version are found, by version.</summary>
    public IReadOnlyDictionary<string, SoftwareDescription> Software { get; init; } = new Dictionary<string, SoftwareDescription>(StringComparer.Ordinal);

    /// <summary>What clients connect to; of a service with <see cref="Parts"/> the first one's, as <see cref="ClusterLayout.Writer"/> is.</summary>
    public required RouterDescription Router { get; init; }

    /// <summary>The account with which the engine is administered; null when it needs none.</summary>
    public CredentialDescription? Admin { get; init; }

    /// <summary>The account with which an ordinary client writes, used by the write probe and the suites; null for the admin's.</summary>
    public CredentialDescription? Client { get; init; }

    /// <summary>The certificate authority file that the engine's TLS is checked with; null for connections without TLS.</summary>
    public string? TlsCaFile { get; init; }

    /// <summary>The suites that green must pass before it may serve.</summary>
    public IReadOnlyList<SuiteDescription> Suites { get; init; } = [];

    /// <summary>The volumes that the data lies on; empty when it never moves with one.</summary>
    public IReadOnlyList<VolumeDescription> Volumes { get; init; } = [];

    /// <summary>The folder on the nodes' hosts to which snapshots are archived; null for a folder in <see cref="StateDirectory"/>.</summary>
    public string? SnapshotArchive { get; init; }

    /// <summary>Where on Azure its machines are; null when they are not there.</summary>
    public AzureDescription? Azure { get; init; }

    /// <summary>Whom to tell before, at and after the window.</summary>
    public IReadOnlyList<NotifyDescription> Notify { get; init; } = [];

    /// <summary>The bounds of the upgrade.</summary>
    public UpgradeLimits Limits { get; init; } = new();

    /// <summary>Consent to upgrades without a way back after the switch.</summary>
    public bool AllowOneWay { get; init; }

    /// <summary>The folder of journals, reports and snapshots on this machine.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>The journal that machines share; null for one in <see cref="StateDirectory"/>.</summary>
    public SharedJournalDescription? SharedJournal { get; init; }

    /// <summary>The guard's folder on each host (outcome, register, secrets), on storage that survives a reboot and never moves.</summary>
    public required string GuardDirectory { get; init; }

    /// <summary>The folder, on the machine that the upgrade is run on, of what runs there for an engine, such as a relay; null for <see cref="GuardDirectory"/>. A guard elsewhere, which has its own folder there, is told it.</summary>
    public string? WorkersDirectory { get; init; }

    /// <summary>What only the engine understands, by name.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
