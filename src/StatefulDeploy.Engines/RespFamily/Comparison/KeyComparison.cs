using StatefulDeploy.Contracts;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.RespFamily.Comparison;

/// <summary>Compares a batch of keys in a few round trips.</summary>
internal sealed class KeyComparison(ComparisonSide source, ComparisonSide target, ComparisonOptions options)
{
    /// <summary>How the keys differ; nothing for those that are the same.</summary>
    public async Task<IReadOnlyList<KeyVerdict>> CompareAsync(IReadOnlyList<RespArgument> keys, CancellationToken cancellationToken)
    {
        IReadOnlyList<KeyFacts>[] facts = await Task.WhenAll(KeyFacts.LoadAsync(source, keys, cancellationToken), KeyFacts.LoadAsync(target, keys, cancellationToken));
        List<KeyVerdict> verdicts = [];
        List<(KeyFacts Source, KeyFacts Target)> alike = [];
        for (int i = 0; i < keys.Count; i++)
        {
            KeyFacts left = facts[0][i];
            KeyFacts right = facts[1][i];
            if (Difference(left, right) is { } kind)
            {
                verdicts.Add(Verdict(kind, left, right));
            }
            else if (left.Exists)
            {
                alike.Add((left, right));
            }
        }

        await CompareSmallAsync([.. alike.Where(pair => SmallValue.Fits(pair.Source))], verdicts, cancellationToken);
        foreach ((KeyFacts left, KeyFacts right) in alike.Where(pair => !SmallValue.Fits(pair.Source)))
        {
            if (!await SameBigAsync(left, cancellationToken))
            {
                verdicts.Add(Verdict("Value", left, right));
            }
        }

        return verdicts;
    }

    private string? Difference(KeyFacts left, KeyFacts right)
    {
        if (left.Exists != right.Exists)
        {
            return left.Exists ? "Missing" : "Extra";
        }

        if (left.Type != right.Type)
        {
            return "Type";
        }

        if (left.Exists && !SameExpiry(left.ExpiresAt, right.ExpiresAt))
        {
            return "Expiry";
        }

        return left.Length == right.Length ? null : "Value";
    }

    private bool SameExpiry(long left, long right) =>
        left == right || (left >= 0 && right >= 0 && Math.Abs(left - right) <= options.ExpiryTolerance.TotalMilliseconds);

    private async Task CompareSmallAsync(IReadOnlyList<(KeyFacts Source, KeyFacts Target)> pairs, List<KeyVerdict> verdicts, CancellationToken cancellationToken)
    {
        RespCommand[] reads = [.. pairs.Select(pair => SmallValue.Read(pair.Source))];
        if (reads.Length == 0)
        {
            return;
        }

        IReadOnlyList<RespValue>[] values = await Task.WhenAll(source.AskAsync(reads, cancellationToken), target.AskAsync(reads, cancellationToken));
        for (int i = 0; i < reads.Length; i++)
        {
            if (!SmallValue.Same(pairs[i].Source.Type, values[0][i], values[1][i]))
            {
                verdicts.Add(Verdict("Value", pairs[i].Source, pairs[i].Target));
            }
        }
    }

    // A key that goes or changes its type while it is read differs for now; it is looked at again.
    private async Task<bool> SameBigAsync(KeyFacts facts, CancellationToken cancellationToken)
    {
        try
        {
            return await new BigValue(source, target, facts).SameAsync(cancellationToken);
        }
        catch (RespServerException)
        {
            return false;
        }
    }

    private static KeyVerdict Verdict(string kind, KeyFacts left, KeyFacts right) => kind == "Expiry"
        ? new KeyVerdict(left.Key, kind, Expiry(left), Expiry(right))
        : new KeyVerdict(left.Key, kind, left.ToString(), right.ToString());

    private static string Expiry(KeyFacts facts) => facts.ExpiresAt < 0 ? "never" : DateTimeOffset.FromUnixTimeMilliseconds(facts.ExpiresAt).ToString("O");
}
