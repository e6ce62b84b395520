using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.RespFamily.Comparison;

/// <summary>What is asked of every key first.</summary>
/// <param name="Key">The key.</param>
/// <param name="Type">As TYPE tells it; <c>none</c> for a key that is not there.</param>
/// <param name="ExpiresAt">Milliseconds since 1970; -1 for never.</param>
/// <param name="Length">Elements, or bytes of a string.</param>
internal sealed record KeyFacts(RespArgument Key, string Type, long ExpiresAt, long Length)
{
    /// <summary>Whether the key is there.</summary>
    public bool Exists => Type != "none";

    /// <summary>Type and length, for a person.</summary>
    public override string ToString() => Exists ? $"{Type}, length {Length}" : "nothing";

    /// <summary>Asks for all keys of a batch.</summary>
    public static async Task<IReadOnlyList<KeyFacts>> LoadAsync(ComparisonSide side, IReadOnlyList<RespArgument> keys, CancellationToken cancellationToken)
    {
        IReadOnlyList<RespValue> basics = await side.AskAsync([.. keys.SelectMany(key => new RespCommand[] { ["TYPE", key], ["PEXPIRETIME", key] })], cancellationToken);
        List<(RespArgument Key, string Type, long ExpiresAt)> found = [.. keys.Select((key, i) => (key, basics[2 * i].ThrowIfError().AsString(), basics[(2 * i) + 1].ThrowIfError().AsInt64()))];
        IReadOnlyList<RespValue> lengths = await side.AskAsync([.. found.Select(one => LengthOf(one.Type, one.Key))], cancellationToken);

        // A length that cannot be told is of a type of a module; a key that changed its type in between is looked at again.
        return [.. found.Select((one, i) => new KeyFacts(one.Key, one.Type, one.ExpiresAt, lengths[i].IsError ? -1 : lengths[i].AsInt64()))];
    }

    private static RespCommand LengthOf(string type, RespArgument key) => type switch
    {
        "string" => ["STRLEN", key],
        "list" => ["LLEN", key],
        "set" => ["SCARD", key],
        "hash" => ["HLEN", key],
        "zset" => ["ZCARD", key],
        "stream" => ["XLEN", key],
        _ => ["EXISTS", key],
    };
}
