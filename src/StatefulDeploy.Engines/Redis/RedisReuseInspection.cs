using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;
using StatefulDeploy.Reuse;

namespace StatefulDeploy.Engines.Redis;

/// <summary>What stands against handing a node's files from server to server.</summary>
internal sealed class RedisReuseInspection(EngineContext context)
{
    private readonly List<Finding> _findings = [];

    /// <summary>The findings.</summary>
    public async Task<IReadOnlyList<Finding>> RunAsync(IReadOnlyList<NodeTransfer> transfers, CancellationToken cancellationToken)
    {
        foreach (NodeTransfer transfer in transfers)
        {
            try
            {
                await InspectAsync(transfer, cancellationToken);
            }
            catch (Exception exception) when (exception is RespConnectionException or RespServerException or TimeoutException or UpgradeException)
            {
                // That a node does not answer is a finding of its own.
            }
        }

        return _findings;
    }

    private async Task InspectAsync(NodeTransfer transfer, CancellationToken cancellationToken)
    {
        Node node = transfer.From;
        await using RespConnection admin = await new RedisAccess(context.Service, context.Secrets).ConnectAsync(node, RedisAccount.Admin, "probe", cancellationToken);
        string folder = await admin.SettingAsync("dir", cancellationToken) ?? string.Empty;
        if (folder != transfer.To.DataDirectory)
        {
            _findings.Add(Finding.Refuse("DataDirectoryDiffers", node.Name, $"{node} keeps its data in '{folder}'; by the service file it is '{transfer.To.DataDirectory}' on volume '{transfer.Volume.Name}'.", "Correct 'dataDirectory' of the node, or 'mountPoint' of the volume."));
        }

        // One replica is away while its volume moves; of a writer alone there is none, before and after.
        int replicas = context.Source.Shards.First(shard => shard.Nodes.Contains(node)).Replicas.Count();
        if (node.Role == NodeRole.Primary && !transfer.IsOutage && int.TryParse(await admin.SettingAsync("min-replicas-to-write", cancellationToken), out int least) && least > replicas - 1)
        {
            _findings.Add(Finding.Refuse("TooFewReplicasLeft", node.Name, $"{node} demands {least} replicas for a write, and {replicas - 1} are left while a volume moves.", "Lower min-replicas-to-write for the time of the upgrade, add a replica, or use the strategy Mirror."));
        }

        await InspectSupervisionAsync(node, admin, cancellationToken);
    }

    // A service manager starts what has ended, and would do so on an empty mount point.
    private async Task InspectSupervisionAsync(Node node, RespConnection admin, CancellationToken cancellationToken)
    {
        long process = (await admin.InfoAsync("server", cancellationToken)).Number("process_id");
        string group = await context.Hosts[node.Host].ReadFileAsync(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/cgroup"), cancellationToken) ?? string.Empty;
        string? unit = group.Split('\n').Select(line => line.Split('/')[^1]).FirstOrDefault(name => name.EndsWith(".service", StringComparison.Ordinal) && (name.Contains("redis", StringComparison.Ordinal) || name.Contains("valkey", StringComparison.Ordinal)));
        if (unit is not null && node.Stop.Count == 0)
        {
            _findings.Add(Finding.Refuse("SupervisedServer", node.Name, $"{node} is run by '{unit}', which may start it again while its volume is away.", $"Describe 'stop: [systemctl, stop, {unit}]' and 'start: [systemctl, start, {unit}]' of the node."));
        }
    }
}
