using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow.Shards;

/// <summary>What is asked of a shard when something is asked of the whole.</summary>
internal static class ShardRequest
{
    internal static async Task<UpgradeRequest> ForAsync(ServiceDescription part, UpgradeSubject subject, UpgradeRequest request, CancellationToken cancellationToken)
    {
        var whole = (subject.State ?? subject.Last)?.UpgradeId;
        var begun = whole is null ? null : await ShardJournals.FindAsync(subject.Store, part.Shard!, whole, cancellationToken);
        return request with
        {
            Path = part.Path,
            // One that was taken back alone is not gone on with: another one is begun.
            UpgradeId = begun is { Undone: false } ? begun.UpgradeId : null,
            TargetVersion = request.TargetVersion ?? subject.State?.Fact(FactName.TargetVersion),
            StateDirectory = subject.Store.OfPart(part.Shard!).Location,
            Strategy = request.ShardStrategy ?? StrategyOf(subject),
            ShardStrategy = null,
            PartOf = whole,
        };
    }

    /// <summary>The strategy of each shard, as the whole was begun; null before.</summary>
    internal static UpgradeStrategy? StrategyOf(UpgradeSubject subject) =>
        subject.State?.Fact(FactName.ShardStrategy) is { } name ? Enum.Parse<UpgradeStrategy>(name) : null;
}
