using System.Globalization;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.Redis;

/// <summary>A point in the replication stream of a primary: <c>master_replid:master_repl_offset</c>.</summary>
/// <param name="ReplicationId">40 hexadecimal digits: the history that the offset counts in.</param>
/// <param name="Offset">Bytes of the stream.</param>
internal sealed record RedisPosition(string ReplicationId, long Offset)
{
    /// <summary>Where a primary is, from <c>INFO replication</c>.</summary>
    public static RedisPosition OfPrimary(RedisInfo replication) => new(replication["master_replid"], replication.Number("master_repl_offset"));

    /// <summary>What a replica has applied, from <c>INFO replication</c>. Its <c>slave_repl_offset</c> moves when a command was executed, not when it was received.</summary>
    public static RedisPosition OfReplica(RedisInfo replication) => new(replication["master_replid"], replication.Number("slave_repl_offset"));

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="UpgradeException">The text is no position of Redis.</exception>
    public static RedisPosition Parse(string text)
    {
        string[] parts = text.Split(':');
        if (parts.Length == 2 && parts[0].Length == 40 && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long offset))
        {
            return new RedisPosition(parts[0], offset);
        }

        throw new UpgradeException("PositionUnreadable", $"'{text}' is no position of Redis.", "Use a position that this engine has read.", FailureCategory.Damaged) { Target = text };
    }

    /// <summary><c>replid:offset</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{ReplicationId}:{Offset}");
}
