using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.RespFamily.Comparison;

namespace StatefulDeploy.Engines.Redis;

/// <summary>Compares every key of every database of both clusters, by type, meaning and expiry time.</summary>
internal sealed class RedisComparer : IDataComparer
{
    /// <inheritdoc/>
    public async Task<ComparisonResult> CompareAsync(EngineContext context, ComparisonOptions options, CancellationToken cancellationToken)
    {
        IReadOnlyList<RedisPair> pairs = RedisPair.Of(context);
        List<(ComparisonSide Source, ComparisonSide Target)> sides = [];
        try
        {
            RedisAccess access = new(context.Service, context.Secrets);
            foreach (RedisPair pair in pairs)
            {
                sides.Add((await RedisComparisonDialect.OpenAsync(pair.Source.Primary, access, cancellationToken), await RedisComparisonDialect.OpenAsync(pair.Target.Primary, access, cancellationToken)));
            }

            return await new PairComparison([.. pairs.Select(pair => pair.Source.Name)], sides).RunAsync(context, options, cancellationToken);
        }
        finally
        {
            foreach ((ComparisonSide source, ComparisonSide target) in sides)
            {
                await source.DisposeAsync();
                await target.DisposeAsync();
            }
        }
    }
}
