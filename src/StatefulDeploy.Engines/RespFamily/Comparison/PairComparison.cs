using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.RespFamily.Comparison;

/// <summary>Compares shard by shard, from where an earlier run of the same servers was stopped.</summary>
/// <param name="names">The shards' names.</param>
/// <param name="sides">Their two servers each.</param>
internal sealed class PairComparison(IReadOnlyList<string> names, IReadOnlyList<(ComparisonSide Source, ComparisonSide Target)> sides)
{
    /// <summary>Runs to the end.</summary>
    public async Task<ComparisonResult> RunAsync(EngineContext context, ComparisonOptions options, CancellationToken cancellationToken)
    {
        string runs = string.Join(' ', sides.Select(side => $"{side.Source.RunId}>{side.Target.RunId}"));
        ComparisonRun run = new(options, context.Reporter, context.Clock, LoadProgress(options, runs));
        for (int shard = run.Progress.Shard; shard < sides.Count; shard++)
        {
            await run.CompareShardAsync(shard, names[shard], sides[shard].Source, sides[shard].Target, cancellationToken);
        }

        return run.Finish();
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
