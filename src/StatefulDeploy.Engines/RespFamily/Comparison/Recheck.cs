
namespace StatefulDeploy.Engines.RespFamily.Comparison;

/// <summary>Looks again at keys that differed, after target has applied what source had written by then: a change under way is no difference.</summary>
internal sealed class Recheck(ComparisonSide source, ComparisonSide target, KeyComparison comparison, TimeProvider clock)
{
    private const int MostTries = 12;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>How many keys changed faster than they could be compared.</summary>
    public long InFlux { get; private set; }

    /// <summary>The keys that really differ.</summary>
    /// <param name="suspects">Keys that differed once.</param>
    /// <param name="database">The database that both connections are in.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<IReadOnlyList<KeyVerdict>> RunAsync(IReadOnlyList<KeyVerdict> suspects, int database, CancellationToken cancellationToken)
    {
        IReadOnlyList<KeyVerdict> left = suspects;
        for (int round = 0; left.Count > 0 && round < MostTries; round++)
        {
            if (!await CaughtUpAsync(database, cancellationToken))
            {
                return left;
            }

            left = await comparison.CompareAsync([.. left.Select(verdict => verdict.Key)], cancellationToken);
            await Task.Delay(TimeSpan.FromMilliseconds(5 * round), clock, cancellationToken);
        }

        return left.Count == 0 ? left : await StableAsync(left, database, cancellationToken);
    }

    // What source itself changes between two looks cannot be told different.
    private async Task<IReadOnlyList<KeyVerdict>> StableAsync(IReadOnlyList<KeyVerdict> left, int database, CancellationToken cancellationToken)
    {
        List<KeyVerdict> stable = [];
        foreach (KeyVerdict verdict in left)
        {
            byte[]? before = await source.PrintAsync(verdict.Key, cancellationToken);
            await CaughtUpAsync(database, cancellationToken);
            IReadOnlyList<KeyVerdict> again = await comparison.CompareAsync([verdict.Key], cancellationToken);
            if (again.Count == 0)
            {
                continue;
            }

            byte[]? after = await source.PrintAsync(verdict.Key, cancellationToken);
            if (before is null ? after is null : after is not null && before.AsSpan().SequenceEqual(after))
            {
                stable.Add(again[0]);
            }
            else
            {
                InFlux++;
            }
        }

        return stable;
    }

    /// <summary>Waits for target.</summary>
    /// <returns>Whether target follows source at all.</returns>
    private async Task<bool> CaughtUpAsync(int database, CancellationToken cancellationToken)
    {
        long written = (await source.OffsetAsync(cancellationToken)).Offset;
        long start = clock.GetTimestamp();
        while (clock.GetElapsedTime(start) < Patience)
        {
            (long applied, bool follows) = await target.OffsetAsync(cancellationToken);
            long? relayed = await target.RelayedAsync(database, cancellationToken);
            if (relayed is null && !follows)
            {
                return false;
            }

            if ((relayed ?? applied) >= written)
            {
                return true;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), clock, cancellationToken);
        }

        return true;
    }
}
