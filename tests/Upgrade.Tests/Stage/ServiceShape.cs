using StatefulDeploy.Load;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>A service that is to be upgraded: its versions, its size, its accounts and its load.</summary>
internal sealed record ServiceShape
{
    /// <summary>Blue's server in the catalog.</summary>
    public string From { get; init; } = "redis-7.0";

    /// <summary>Green's server in the catalog.</summary>
    public string To { get; init; } = "redis-8.0";

    /// <summary>Replicas of blue, and of green where nothing else is said.</summary>
    public int Replicas { get; init; }

    /// <summary>Replicas of green, when they are not as many as blue's.</summary>
    public int? GreenReplicas { get; init; }

    /// <summary>The nodes of green.</summary>
    public int GreenNodes => 1 + (GreenReplicas ?? Replicas);

    /// <summary>Whether the default user is off, the administrator has a password, and clients are an ACL user of their own.</summary>
    public bool Accounts { get; init; }

    /// <summary>The database that the load uses.</summary>
    public int Database { get; init; }

    /// <summary>Lines of the configuration of blue's nodes besides the usual.</summary>
    public IReadOnlyList<string> BlueSettings { get; init; } = ["appendonly yes"];

    /// <summary>Engine settings of green.</summary>
    public IReadOnlyDictionary<string, string> GreenSettings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What only the engine understands of a service file.</summary>
    public IReadOnlyDictionary<string, string> EngineSettings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The address green listens on.</summary>
    public string GreenAddress { get; init; } = "127.0.0.1";

    /// <summary>Whether the service file names a line to blue that the test can hold, and not blue itself.</summary>
    public bool BehindLink { get; init; }

    /// <summary>How long a node, guard or router may take to answer.</summary>
    public TimeSpan Answer { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long green may take to catch up before the upgrade gives up.</summary>
    public TimeSpan CatchUpDeadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The folder of green's data; null for one in the test's own.</summary>
    public string? GreenFolder { get; init; }

    /// <summary>After this long with nothing decided, blue opens again by itself.</summary>
    public TimeSpan WindowDeadline { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long the router holds a request. Longer than the deadline: then no write need fail although the orchestrator died.</summary>
    public TimeSpan HoldLimit { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The load through the router.</summary>
    public LedgerOptions Load { get; init; } = new()
    {
        Writers = 4,
        Readers = 2,
        WritesPerSecond = 60,
        ReadsPerSecond = 60,
        Kinds = LedgerWriteKinds.All,
        Timeout = TimeSpan.FromSeconds(40),
        RetryDelay = TimeSpan.FromMilliseconds(20),
    };

    /// <summary>PostgreSQL: what its clients connect to.</summary>
    public PostgresRouting Routing { get; init; } = PostgresRouting.PgBouncer;

    /// <summary>Lines to add to the service file.</summary>
    public string MoreYaml { get; init; } = string.Empty;

    /// <summary>The engine's name in the service file.</summary>
    public string Engine => From.Split('-')[0] switch { "garnet" => "garnet", "postgresql" => "postgresql", _ => "redis" };

    /// <summary>The version that a server of the catalog has, as a service file writes it.</summary>
    public static string VersionOf(string server) => server.StartsWith("valkey", StringComparison.Ordinal) ? server : server[(server.IndexOf('-', StringComparison.Ordinal) + 1)..];
}
