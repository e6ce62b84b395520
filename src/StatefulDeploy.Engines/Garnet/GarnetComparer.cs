using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.RespFamily.Comparison;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>Compares every key of both clusters, by type, meaning and expiry time.</summary>
internal sealed class GarnetComparer : IDataComparer
{
    /// <inheritdoc/>
    public async Task<ComparisonResult> CompareAsync(EngineContext context, ComparisonOptions options, CancellationToken cancellationToken)
    {
        GarnetAccess access = new(context.Service, context.Secrets);
        await using ComparisonSide source = await GarnetComparisonDialect.OpenAsync(GarnetShard.Of(context.Source).Primary, access, cancellationToken);
        await using ComparisonSide target = await GarnetComparisonDialect.OpenAsync(GarnetShard.Of(context.Target).Primary, access, cancellationToken);
        return await new PairComparison([GarnetShard.Of(context.Source).Name], [(source, target)]).RunAsync(context, options, cancellationToken);
    }
}
