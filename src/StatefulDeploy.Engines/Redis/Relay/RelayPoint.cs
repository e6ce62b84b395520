using System.Globalization;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis.Relay;

/// <summary>
/// How far blue has applied green's stream. It lies in blue itself and is written in the same transaction as the commands it counts, so that
/// after any crash it says exactly what blue's data has.
/// </summary>
/// <param name="ReplicationId">Green's history.</param>
/// <param name="Offset">Bytes of green's stream applied.</param>
/// <param name="Database">The database selected at that point of the stream.</param>
/// <param name="RunId">Blue's run when this was written.</param>
/// <param name="Errors">How many commands of a primary that run of blue had answered with an error before the relay began.</param>
internal sealed record RelayPoint(string ReplicationId, long Offset, int Database, string RunId, long Errors)
{
    /// <summary>The key of the bookkeeping, in database 0 of blue. It is left out of comparisons and gone once blue is promoted.</summary>
    public const string Key = "{statefuldeploy}:relay";

    /// <summary>What the bookkeeping is called from blue's promotion to its opening, as long as blue can still be thrown back.</summary>
    public const string LeftKey = "{statefuldeploy}:relayed";

    private const string EndedField = "ended";

    /// <summary>Reads the answer to HGETALL; null when there is no bookkeeping.</summary>
    public static RelayPoint? Parse(RespValue hash)
    {
        IReadOnlyDictionary<string, RespValue> fields = hash.AsMap();
        return fields.Count == 0
            ? null
            : new RelayPoint(fields["replid"].AsString(), fields["offset"].AsInt64(), (int)fields["db"].AsInt64(), fields["run"].AsString(), fields["errors"].AsInt64());
    }

    /// <summary>What a promoted blue must be found with if it is to be thrown back: whether it has ended keys by itself since, as a primary does.</summary>
    public static RespCommand NoteEnded(RedisInfo stats) => ["HSET", LeftKey, EndedField, Ended(stats)];

    /// <summary>Whether a promoted blue is still what it was when it was promoted. Nobody could write to it meanwhile: it is closed.</summary>
    public static bool IsUntouched(RespValue left, RedisInfo info) =>
        left.AsMap() is var fields && fields.TryGetValue(EndedField, out RespValue? ended) && ended.AsString() == Ended(info)
        && fields["run"].AsString() == info["run_id"] && info["role"] == "master";

    private static string Ended(RedisInfo stats) => $"{stats["expired_keys"]}:{stats["evicted_keys"]}";

    /// <summary>The command that writes it.</summary>
    public RespCommand ToCommand() =>
        ["HSET", Key, "replid", ReplicationId, "offset", Offset, "db", Database.ToString(CultureInfo.InvariantCulture), "run", RunId, "errors", Errors];
}
