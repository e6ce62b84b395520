namespace StatefulDeploy.Workflow;

/// <summary>The names of the facts that steps leave in the journal for later ones.</summary>
internal static class FactName
{
    internal const string Path = "path";
    internal const string Service = "service";
    internal const string Engine = "engine";
    internal const string Version = "version";
    internal const string TargetVersion = "targetVersion";
    internal const string Strategy = "strategy";
    /// <summary>The strategy of each shard of a service that is upgraded shard by shard.</summary>
    internal const string ShardStrategy = "shardStrategy";

    /// <summary>The upgrade of the whole service, in the journal of one of its shards'; empty when it is none.</summary>
    internal const string PartOf = "partOf";
    internal const string Green = "green";
    internal const string Blue = "blue";
    internal const string Request = "request";
    internal const string Consent = "consent";
    internal const string Findings = "findings";
    internal const string WayBack = "wayBack";
    internal const string Snapshots = "snapshots";
    internal const string Window = "window";
    internal const string Position = "position";
    internal const string Reverse = "reverse";
    internal const string ClosedMilliseconds = "closedMs";
    /// <summary>Whether the cluster that was left follows the one that serves.</summary>
    internal const string FollowsBack = "followsBack";
    internal const string SwitchedAt = "switchedAt";
    internal const string Suites = "suites";
    internal const string Comparison = "comparison";
    internal const string Report = "report";

    /// <summary>How far a volume has come.</summary>
    internal static string TransferOf(string volume) => $"transfer:{volume}";
}
