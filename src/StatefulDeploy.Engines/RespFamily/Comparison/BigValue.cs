using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.RespFamily.Comparison;

/// <summary>Values that are compared piece by piece, so that neither server is held up and our memory stays small. Their lengths are equal already.</summary>
internal sealed class BigValue(ComparisonSide source, ComparisonSide target, KeyFacts facts)
{
    private const int PieceBytes = 256 * 1024;
    private const int PieceElements = 500;

    private RespArgument Key => facts.Key;

    /// <summary>Whether both hold the same.</summary>
    public Task<bool> SameAsync(CancellationToken cancellationToken) => facts.Type switch
    {
        "string" => RangesAsync("GETRANGE", PieceBytes, cancellationToken),
        "list" => RangesAsync("LRANGE", PieceElements, cancellationToken),
        "set" => MembersAsync("SSCAN", 1, members => RespCommand.Create(["SMISMEMBER", Key, .. members]), static (_, found) => found.AsInt64() == 1, cancellationToken),
        "hash" => MembersAsync("HSCAN", 2, fields => RespCommand.Create(["HMGET", Key, .. fields]), static (value, found) => !found.IsNull && value.Bytes.Span.SequenceEqual(found.Bytes.Span), cancellationToken),
        "zset" => MembersAsync("ZSCAN", 2, members => RespCommand.Create(["ZMSCORE", Key, .. members]), static (score, found) => !found.IsNull && SmallValue.SameScore(score, found), cancellationToken),
        "stream" => new StreamValue(source, target, Key).SameAsync(cancellationToken),
        _ => Task.FromResult(false),
    };

    private async Task<bool> RangesAsync(string command, int piece, CancellationToken cancellationToken)
    {
        for (long from = 0; from < facts.Length; from += piece)
        {
            RespCommand read = [command, Key, from, from + piece - 1];
            RespValue[] pieces = await BothAsync(read, cancellationToken);
            bool same = pieces[0].Type == RespType.Array
                ? SmallValue.SameOrder(pieces[0].Items, pieces[1].Items)
                : pieces[0].Bytes.Span.SequenceEqual(pieces[1].Bytes.Span);
            if (!same)
            {
                return false;
            }
        }

        return true;
    }

    // With equal lengths it is enough that target has every element of source. A scan may tell an element twice; that does no harm here.
    private async Task<bool> MembersAsync(string scan, int group, Func<IEnumerable<RespArgument>, RespCommand> look, Func<RespValue, RespValue, bool> same, CancellationToken cancellationToken)
    {
        string cursor = "0";
        do
        {
            RespValue page = await source.AskAsync([scan, Key, cursor, "COUNT", PieceElements], cancellationToken);
            cursor = page.Items[0].AsString();
            RespValue[][] groups = [.. page.Items[1].Items.Chunk(group)];
            if (groups.Length == 0)
            {
                continue;
            }

            RespValue found = await target.AskAsync(look(groups.Select(one => new RespArgument(one[0].Bytes))), cancellationToken);
            if (groups.Where((one, i) => !same(one[^1], found.Items[i])).Any())
            {
                return false;
            }
        }
        while (cursor != "0");

        return true;
    }

    private Task<RespValue[]> BothAsync(RespCommand command, CancellationToken cancellationToken) =>
        Task.WhenAll(source.AskAsync(command, cancellationToken), target.AskAsync(command, cancellationToken));
}
