using StatefulDeploy.Model;

namespace StatefulDeploy.Cli.Output;

/// <summary>A cluster for people.</summary>
internal static class ClusterText
{
    public static void Write(TextWriter output, StatefulCluster cluster)
    {
        var versions = cluster.TargetVersion is { } target ? $"{cluster.Version} -> {target}" : cluster.Version;
        output.WriteLine($"{cluster.Service}: {cluster.Engine} {versions}, {cluster.State}; {cluster.Live} is live");
        if (cluster.UpgradeId is { } id)
            output.WriteLine($"  upgrade        {id}");
        ShardText.Write(output, cluster.Shards);
        if (cluster.ClosedFor is { } closed)
            output.WriteLine($"  writes closed  {Quantity.Text(closed)}");
        if (cluster.LagBytes is { } lag)
            output.WriteLine($"  lag            {Quantity.Text(lag)}");
        foreach (var volume in cluster.Volumes)
            output.WriteLine($"  volume         {volume.Volume}: {volume.Status} ({volume.From} on {volume.FromHost} -> {volume.To} on {volume.ToHost}, step {volume.Step})");
    }
}
