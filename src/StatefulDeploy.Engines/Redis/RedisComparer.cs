using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.Redis;

/// <summary>Compares every key of every database.</summary>
internal sealed class RedisComparer : IDataComparer
{
    /// <inheritdoc/>
    public Task<ComparisonResult> CompareAsync(EngineContext context, ComparisonOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Comparing Redis data is not built yet.");
}
