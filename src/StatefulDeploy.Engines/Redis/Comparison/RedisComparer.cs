using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Redis.Comparison;

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
                sides.Add((await ComparisonSide.OpenAsync(pair.Source.Primary, access, cancellationToken), await ComparisonSide.OpenAsync(pair.Target.Primary, access, cancellationToken)));
            }

            string runs = string.Join(' ', sides.Select(side => $"{side.Source.RunId}>{side.Target.RunId}"));
            ComparisonRun run = new(options, context.Reporter, context.Clock, LoadProgress(options, runs));
            for (int shard = run.Progress.Shard; shard < pairs.Count; shard++)
            {
                await run.CompareShardAsync(shard, pairs[shard].Source.Name, sides[shard].Source, sides[shard].Target, cancellationToken);
            }

            return run.Finish();
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

    private static ComparisonProgress LoadProgress(ComparisonOptions options, string runs)
    {
        if (options.CheckpointFile is { } file && File.Exists(file))
        {
            try
            {
                ComparisonProgress saved = ModelJson.Read<ComparisonProgress>(File.ReadAllText(file));
                if (saved.Schema == 1 && saved.Runs == runs)
                {
                    return saved;
                }
            }
            catch (System.Text.Json.JsonException)
            {
                // A torn or foreign file is no progress.
            }
        }

        return new ComparisonProgress { Runs = runs };
    }
}
