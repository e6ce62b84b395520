namespace StatefulDeploy.Load.Accounts;

/// <summary>When one client's requests were answered as they should be.</summary>
internal sealed class Timeline
{
    private readonly object _gate = new();
    private readonly List<long> _answers = [];
    private readonly List<long> _asked = [];
    private long _begun;
    private long? _ended;

    public void Begin(long at)
    {
        lock (_gate)
        {
            _begun = at;
        }
    }

    /// <summary>Nothing more is asked: silence from here on is no gap.</summary>
    public void End(long at)
    {
        lock (_gate)
        {
            _ended ??= at;
        }
    }

    public void Add(long at) => Add(at, at);

    /// <summary>An answer, and when it was asked for.</summary>
    public void Add(long at, long asked)
    {
        lock (_gate)
        {
            _answers.Add(at);
            _asked.Add(asked);
        }
    }

    /// <summary>The longest time from a question to its answer that overlaps the interval, in clock ticks. Unlike a gap it holds no pause of the client's own.</summary>
    public long LongestWait(LedgerInterval interval)
    {
        lock (_gate)
        {
            long longest = 0;
            for (var index = FirstAfter(interval.From); index < _answers.Count; index++)
            {
                if (_asked[index] < interval.To)
                {
                    longest = Math.Max(longest, _answers[index] - _asked[index]);
                }
            }

            return longest;
        }
    }

    /// <summary>
    /// The longest time between two answers that overlaps the interval, in clock ticks. It is not cut at the interval's ends:
    /// a silence that began in it and outlasted it is as long as the client found it.
    /// </summary>
    public long LongestGap(LedgerInterval interval, long now)
    {
        lock (_gate)
        {
            var end = _ended ?? now;
            var index = FirstAfter(interval.From);
            var previous = index == 0 ? _begun : _answers[index - 1];
            long longest = 0;
            while (previous < interval.To && previous < end)
            {
                var next = index < _answers.Count ? _answers[index] : end;
                longest = Math.Max(longest, next - previous);
                previous = next;
                index++;
            }

            return longest;
        }
    }

    private int FirstAfter(long at)
    {
        var found = _answers.BinarySearch(at + 1);
        var index = found >= 0 ? found : ~found;
        // Several answers of one moment: the search may have met any of them.
        while (index > 0 && _answers[index - 1] > at)
        {
            index--;
        }

        return index;
    }
}
