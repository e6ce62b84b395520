using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.RespFamily.Comparison;

/// <summary>What a comparison asks in other words of each engine.</summary>
internal interface IComparisonDialect
{
    /// <inheritdoc cref="ComparisonSide.DatabasesAsync"/>
    Task<IReadOnlyDictionary<int, long>> DatabasesAsync(RespConnection connection, CancellationToken cancellationToken);

    /// <inheritdoc cref="ComparisonSide.OffsetAsync"/>
    Task<(long Offset, bool Follows)> OffsetAsync(RespConnection connection, CancellationToken cancellationToken);

    /// <inheritdoc cref="ComparisonSide.RelayedAsync"/>
    Task<long?> RelayedAsync(RespConnection connection, int database, CancellationToken cancellationToken);

    /// <inheritdoc cref="ComparisonSide.PrintAsync"/>
    Task<byte[]?> PrintAsync(RespConnection connection, RespArgument key, CancellationToken cancellationToken);
}
