using System.Globalization;
using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.PostgreSql.Copy;
using StatefulDeploy.Engines.PostgreSql.Physical;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>Makes green nodes that are closed from their first moment, and ends nodes.</summary>
internal sealed class PostgresProvisioner : INodeProvisioner
{
    private static readonly TimeSpan StopsWithin = TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    public async Task ProvisionAsync(EngineContext context, CancellationToken cancellationToken)
    {
        foreach (Node node in context.Target.Primaries)
        {
            await new PostgresGreenNode(node, context.Source.Writer, context).BringUpAsync(cancellationToken);
        }

        foreach (Node node in context.Target.Nodes.Where(node => node.Role == NodeRole.Replica))
        {
            await new PostgresGreenReplica(node, context).BringUpAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(EngineContext context, ClusterLayout layout, CancellationToken cancellationToken)
    {
        await CopyProcess.RemoveAsync(context, cancellationToken);
        await PhysicalPlace.RemoveAsync(context, cancellationToken);
        foreach (Node node in layout.Nodes)
        {
            IHost host = context.Hosts[node.Host];
            if (await PostgresGreenRecord.FindAsync(node, context.Service.Name, host, cancellationToken) is { } record)
            {
                await record.DiscardAsync(node, host, cancellationToken);
            }
        }

        await ForgetAsync(context, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task RetireAsync(EngineContext context, ClusterLayout layout, CancellationToken cancellationToken)
    {
        foreach (Node node in layout.Nodes)
        {
            IHost host = context.Hosts[node.Host];
            if (await FindProcessAsync(node, context, host, cancellationToken) is not { } found)
            {
                continue;
            }

            (string process, string file) = found;

            // Fast: sessions are ended, and a checkpoint is written.
            await host.RunAsync(new HostCommand("kill", "-INT", process), cancellationToken);
            for (long start = context.Clock.GetTimestamp(); await RunsAsync(process, file, host, cancellationToken); await Task.Delay(TimeSpan.FromMilliseconds(50), context.Clock, cancellationToken))
            {
                if (context.Clock.GetElapsedTime(start) > StopsWithin)
                {
                    throw new UpgradeException("NodeDidNotStop", $"{node} still runs {StopsWithin.TotalSeconds:0} s after it was told to stop.", "Read its log, then run Remove-BlueCluster again.", FailureCategory.Timeout) { Target = node.Name };
                }
            }
        }

        await ForgetAsync(context, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ListClientsAsync(EngineContext context, ClusterLayout layout, CancellationToken cancellationToken)
    {
        List<string> lines = [];
        foreach (Node node in layout.Nodes)
        {
            await using NpgsqlConnection control = await new PostgresAccess(context.Service, context.Secrets).ConnectAsync(node, PostgresAccount.Control, "clients", cancellationToken);
            lines.AddRange((await control.TextsAsync(
                $"SELECT concat_ws(' ', coalesce(host(a.client_addr), 'local'), a.usename, a.datname, a.application_name) FROM pg_stat_activity a WHERE {PostgresStrangers.Condition} AND a.application_name NOT LIKE 'statefuldeploy-%'",
                cancellationToken)).Select(line => $"{node.Name} {line}"));
        }

        return lines;
    }

    // What is left alone needs our role no longer. Both callers run inside the guard, which alone changes who is let in.
    private static async Task ForgetAsync(EngineContext context, CancellationToken cancellationToken)
    {
        // The role goes with the primary's; by then its rules must be out of the replicas' files.
        foreach (Node node in context.Source.Nodes.OrderByDescending(node => node.Role))
        {
            try
            {
                await PostgresControl.ForgetAsync(node, new PostgresAccess(context.Service, context.Secrets), context.Hosts[node.Host], cancellationToken);
            }
            catch (UpgradeException exception) when (node.Role == NodeRole.Replica && exception.Category == FailureCategory.Unreachable)
            {
                // A replica that is down keeps a rule for a role that is no more.
            }
        }
    }

    // It removes the file as its last act; one that was killed leaves it.
    private static async Task<bool> RunsAsync(string process, string file, IHost host, CancellationToken cancellationToken) =>
        await host.ReadFileAsync(file, cancellationToken) is not null && (await host.RunAsync(new HostCommand("kill", "-0", process), cancellationToken)).ExitCode == 0;

    private static async Task<(string Process, string File)?> FindProcessAsync(Node node, EngineContext context, IHost host, CancellationToken cancellationToken)
    {
        string folder;
        try
        {
            await using NpgsqlConnection control = await new PostgresAccess(context.Service, context.Secrets).ConnectAsync(node, PostgresAccount.Control, "retire", cancellationToken);
            folder = await control.SettingAsync("data_directory", cancellationToken);
        }
        catch (UpgradeException exception) when (exception.Category == FailureCategory.Unreachable)
        {
            return null; // It has ended.
        }

        string file = Path.Combine(folder, "postmaster.pid");
        string? text = await host.ReadFileAsync(file, cancellationToken);
        return int.TryParse(text?.Split('\n')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? (id.ToString(CultureInfo.InvariantCulture), file) : null;
    }
}
