using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.Planning;
using StatefulDeploy.Engines.PostgreSql.Workload;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>Asks the nodes and hosts everything that could stop an upgrade, before anything is touched.</summary>
internal sealed class PostgresPreflight : IEnginePreflight
{
    /// <inheritdoc/>
    public async Task<NodeStatus> ProbeAsync(Node node, EngineContext context, CancellationToken cancellationToken)
    {
        NodeStatus status = new() { Name = node.Name };
        try
        {
            PostgresAccess access = new(context.Service, context.Secrets);
            await using NpgsqlConnection connection = await access.ConnectAnyAsync(node, "probe", cancellationToken);
            bool standby = await connection.ScalarAsync<bool>("SELECT pg_is_in_recovery()", cancellationToken);
            await using NpgsqlConnection? client = await access.TryOpenAsync(node, cancellationToken);
            return status with
            {
                Reachable = true,
                Version = (await connection.SettingAsync("server_version", cancellationToken)).Split(' ')[0],
                Role = standby ? NodeRole.Replica : NodeRole.Primary,
                Writable = !standby && client is not null,
                DataBytes = await SizeAsync(connection, cancellationToken),
                Clients = (int)await connection.ScalarAsync<long>($"SELECT count(*) FROM pg_stat_activity a WHERE {PostgresStrangers.Condition} AND a.application_name NOT LIKE 'statefuldeploy-%'", cancellationToken),
            };
        }
        catch (UpgradeException exception)
        {
            return status with { Message = exception.Message };
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        await PostgresInspection.InspectAsync(context, findings, cancellationToken);
        if (findings.TrueForAll(finding => finding.Severity != FindingSeverity.Refuse))
        {
            await PostgresWorkloadChecks.InspectAsync(context, findings, cancellationToken);
        }

        return findings;
    }

    /// <inheritdoc/>
    public async Task<ClusterLayout> PlanGreenAsync(ServiceDescription service, string version, IHostDirectory hosts, CancellationToken cancellationToken)
    {
        await PostgresSoftware.FindAsync(service, version, hosts[service.Blue.Writer.Host], cancellationToken);
        return await GreenLayout.MakeAsync(service, version, hosts, configFile: null, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<WayBack> FindWayBackAsync(EngineContext context, CancellationToken cancellationToken) => Task.FromResult(new WayBack(
        WayBackKind.Native,
        $"{context.Source.Colour} follows {context.Target.Colour} by logical replication from a slot that was captured before it opened. The way back ends, loudly, with a change of the schema that {context.Source.Colour} cannot apply."));

    /// <inheritdoc/>
    public async Task<long> MeasureAsync(EngineContext context, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection admin = await new PostgresAccess(context.Service, context.Secrets).ConnectAnyAsync(context.Source.Writer, "probe", cancellationToken);
        return await SizeAsync(admin, cancellationToken);
    }

    private static Task<long> SizeAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.ScalarAsync<long>("SELECT coalesce(sum(pg_database_size(oid)), 0)::bigint FROM pg_database WHERE datallowconn", cancellationToken);
}
