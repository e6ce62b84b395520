using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.RespFamily.Comparison;

/// <summary>Values that are read whole, and compared by what they mean, not by how a version writes them.</summary>
internal static class SmallValue
{
    /// <summary>Strings up to so many bytes, and collections up to so many elements, are read whole.</summary>
    public const int MostBytes = 16 * 1024;

    /// <inheritdoc cref="MostBytes"/>
    public const int MostElements = 64;

    /// <summary>Whether a key is read whole.</summary>
    public static bool Fits(KeyFacts facts) => facts.Type switch
    {
        "string" => facts.Length <= MostBytes,
        "list" or "set" or "hash" or "zset" => facts.Length <= MostElements,
        _ => false,
    };

    /// <summary>The command that reads it.</summary>
    public static RespCommand Read(KeyFacts facts) => facts.Type switch
    {
        "string" => ["GET", facts.Key],
        "list" => ["LRANGE", facts.Key, "0", "-1"],
        "set" => ["SMEMBERS", facts.Key],
        "hash" => ["HGETALL", facts.Key],
        _ => ["ZRANGE", facts.Key, "0", "-1", "WITHSCORES"],
    };

    /// <summary>Whether two answers mean the same value.</summary>
    public static bool Same(string type, RespValue source, RespValue target)
    {
        if (source.IsError || target.IsError)
        {
            return false;
        }

        return type switch
        {
            "string" => source.Bytes.Span.SequenceEqual(target.Bytes.Span),
            "list" => SameOrder(source.Items, target.Items),
            "set" => SameOrder(Sorted(source.Items, 1), Sorted(target.Items, 1)),
            "hash" => SameOrder(Sorted(source.Items, 2), Sorted(target.Items, 2)),
            _ => SameScores(source.Items, target.Items),
        };
    }

    /// <summary>Whether the same elements stand in the same order.</summary>
    public static bool SameOrder(IReadOnlyList<RespValue> source, IReadOnlyList<RespValue> target) =>
        source.Count == target.Count && source.Zip(target).All(pair => pair.First.Bytes.Span.SequenceEqual(pair.Second.Bytes.Span));

    /// <summary>Versions write the same score with different digits (0.10000000000000001 and 0.1): the numbers are compared.</summary>
    public static bool SameScore(RespValue source, RespValue target) =>
        source.IsNull || target.IsNull ? source.IsNull == target.IsNull : source.AsDouble().Equals(target.AsDouble());

    private static bool SameScores(IReadOnlyList<RespValue> source, IReadOnlyList<RespValue> target)
    {
        if (source.Count != target.Count)
        {
            return false;
        }

        for (int i = 0; i < source.Count; i += 2)
        {
            if (!source[i].Bytes.Span.SequenceEqual(target[i].Bytes.Span) || !SameScore(source[i + 1], target[i + 1]))
            {
                return false;
            }
        }

        return true;
    }

    // Groups of elements (field and value) ordered by their first.
    private static List<RespValue> Sorted(IReadOnlyList<RespValue> items, int group)
    {
        List<RespValue[]> groups = [.. items.Chunk(group)];
        groups.Sort(static (left, right) => left[0].Bytes.Span.SequenceCompareTo(right[0].Bytes.Span));
        return [.. groups.SelectMany(values => values)];
    }
}
