using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.PostgreSql.Comparison;
using StatefulDeploy.Engines.PostgreSql.Copies;
using StatefulDeploy.Engines.PostgreSql.Copy;
using StatefulDeploy.Engines.PostgreSql.Workload;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>PostgreSQL from 15 on: one primary with any number of databases and physical replicas, carried by logical replication.</summary>
public sealed class PostgreSqlEngine : IEngine
{
    /// <summary>The name that service files use.</summary>
    internal const string EngineName = "postgresql";

    /// <inheritdoc/>
    public string Name => EngineName;

    /// <inheritdoc/>
    public string DisplayName => "PostgreSQL";

    /// <inheritdoc/>
    public bool SupportsOtherHosts => true;

    /// <inheritdoc/>
    public IEnginePreflight Preflight { get; } = new PostgresPreflight();

    /// <inheritdoc/>
    public INodeProvisioner Provisioner { get; } = new PostgresProvisioner();

    /// <inheritdoc/>
    public IReplicator Replicator { get; } = new PostgresReplicator();

    /// <inheritdoc/>
    public ISwitchover Switchover { get; } = new PostgresSwitchover();

    /// <inheritdoc/>
    public INodeGate Gate { get; } = new PostgresGate();

    /// <inheritdoc/>
    public IDataComparer Comparer { get; } = new PostgresComparer();

    /// <inheritdoc/>
    public ISnapshotter Snapshotter { get; } = new PostgresSnapshotter();

    /// <inheritdoc/>
    public IReadOnlyList<IEngineWorker> Workers { get; } = [new CopyWorker()];

    /// <inheritdoc/>
    public IDisposableCopy? Copies { get; } = new PostgresCopies();

    /// <inheritdoc/>
    public IWorkload? Workload { get; } = new PostgresWorkload();
}
