using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.RespFamily.Comparison;

/// <summary>A stream: its entries, its counters, and its groups with what they have delivered and not got acknowledged. When a consumer was last seen is no data.</summary>
internal sealed class StreamValue(ComparisonSide source, ComparisonSide target, RespArgument key)
{
    private const int Piece = 500;

    private static readonly string[] Counters = ["length", "last-generated-id", "max-deleted-entry-id", "entries-added", "recorded-first-entry-id"];
    private static readonly string[] GroupFacts = ["name", "pending", "last-delivered-id", "entries-read"];

    /// <summary>Whether both hold the same.</summary>
    public async Task<bool> SameAsync(CancellationToken cancellationToken) =>
        await SameCountersAsync(cancellationToken)
        && await SamePagesAsync(from => ["XRANGE", key, from, "+", "COUNT", Piece], static entry => entry, cancellationToken)
        && await SameGroupsAsync(cancellationToken);

    private async Task<bool> SameCountersAsync(CancellationToken cancellationToken)
    {
        RespValue[] both = await BothAsync(["XINFO", "STREAM", key], cancellationToken);
        return Same(both[0], both[1], Counters);
    }

    private async Task<bool> SameGroupsAsync(CancellationToken cancellationToken)
    {
        RespValue[] both = await BothAsync(["XINFO", "GROUPS", key], cancellationToken);
        if (both[0].Items.Count != both[1].Items.Count)
        {
            return false;
        }

        // Both list groups in the order of their names.
        for (int i = 0; i < both[0].Items.Count; i++)
        {
            if (!Same(both[0].Items[i], both[1].Items[i], GroupFacts))
            {
                return false;
            }

            RespArgument group = new(both[0].Items[i].AsMap()["name"].Bytes);
            if (!await SamePagesAsync(from => ["XPENDING", key, group, from, "+", Piece], static entry => RespValue.List(RespType.Array, [entry.Items[0], entry.Items[1], entry.Items[3]]), cancellationToken))
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> SamePagesAsync(Func<string, RespCommand> page, Func<RespValue, RespValue> comparable, CancellationToken cancellationToken)
    {
        string from = "-";
        while (true)
        {
            RespValue[] both = await BothAsync(page(from), cancellationToken);
            if (!Same(RespValue.List(RespType.Array, [.. both[0].Items.Select(comparable)]), RespValue.List(RespType.Array, [.. both[1].Items.Select(comparable)])))
            {
                return false;
            }

            if (both[0].Items.Count < Piece)
            {
                return true;
            }

            from = "(" + both[0].Items[^1].Items[0].AsString();
        }
    }

    private static bool Same(RespValue source, RespValue target, IEnumerable<string> names)
    {
        IReadOnlyDictionary<string, RespValue> left = source.AsMap();
        IReadOnlyDictionary<string, RespValue> right = target.AsMap();
        return names.All(name => Same(left.GetValueOrDefault(name, RespValue.Null), right.GetValueOrDefault(name, RespValue.Null)));
    }

    private static bool Same(RespValue source, RespValue target) => source.Items.Count == target.Items.Count
        && source.Bytes.Span.SequenceEqual(target.Bytes.Span)
        && source.Items.Zip(target.Items).All(pair => Same(pair.First, pair.Second));

    private Task<RespValue[]> BothAsync(RespCommand command, CancellationToken cancellationToken) =>
        Task.WhenAll(source.AskAsync(command, cancellationToken), target.AskAsync(command, cancellationToken));
}
