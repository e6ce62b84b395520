using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow.Shards;

/// <summary>The object of a whole service, out of those of its shards.</summary>
internal static class WholeView
{
    /// <summary>How far all of them have come. One that went back counts as one that has not switched.</summary>
    internal static ClusterState StateOf(IEnumerable<ClusterState> shards) =>
        shards.Select(state => state == ClusterState.SwitchedBack ? ClusterState.Serving : state).Min();

    /// <summary>The cluster that serves: green when it does for every shard.</summary>
    internal static ClusterColour LiveOf(IEnumerable<ClusterColour> shards) => shards.Min();

    internal static StatefulCluster Of(UpgradeSubject subject, IReadOnlyList<StatefulCluster> shards, IReadOnlyList<ShardStatus> statuses)
    {
        var state = subject.State ?? subject.Last;
        List<Shard> green = [.. shards.Select(shard => shard.Green).OfType<ClusterLayout>().SelectMany(layout => layout.Shards)];
        var version = state?.Fact(FactName.TargetVersion) ?? subject.Service.Green.Version;
        return new StatefulCluster
        {
            Service = subject.Service.Name,
            Path = subject.Service.Path,
            Engine = subject.Service.Engine,
            Version = subject.Blue.Version,
            TargetVersion = version,
            State = StateOf(shards.Select(shard => shard.State)),
            Live = LiveOf(shards.Select(shard => shard.Live)),
            UpgradeId = state?.UpgradeId,
            DataClass = subject.Service.DataClass.Name,
            Blue = subject.Blue,
            Green = green.Count > 0 ? new ClusterLayout(ClusterColour.Green, version ?? string.Empty, green) : null,
            Router = string.Join(", ", shards.Select(shard => shard.Router)),
            LagBytes = shards.Max(shard => shard.LagBytes),
            ReadOnlyUntil = shards.Max(shard => shard.ReadOnlyUntil),
            ClosedFor = shards.Max(shard => shard.ClosedFor),
            Consent = state?.Fact<UpgradeConsent>(FactName.Consent) ?? new UpgradeConsent(),
            Nodes = [.. shards.SelectMany(shard => shard.Nodes)],
            Shards = statuses,
            Volumes = [.. shards.SelectMany(shard => shard.Volumes)],
        };
    }
}
