namespace StatefulDeploy.Reporting;

/// <summary>
/// Maps times to a horizontal axis. A long pause in which nothing ran (an upgrade that was resumed the next day) is cut short, so that
/// what happened stays readable.
/// </summary>
internal sealed class TimeScale
{
    private const double CutWidth = 26;
    
    // As a share of the time in which something ran.
    private const double LongestPause = 0.5;

    private readonly List<Stretch> _stretches = [];

    /// <summary>Makes the scale for spans that may overlap.</summary>
    internal TimeScale(IEnumerable<(DateTimeOffset From, DateTimeOffset To)> spans, double left, double width)
    {
        var merged = Merge(spans);
        var active = TimeSpan.FromTicks(Math.Max(1, merged.Sum(span => (span.To - span.From).Ticks)));
        Join(merged, active * LongestPause);
        var perTick = (width - CutWidth * (merged.Count - 1)) / Math.Max(1, merged.Sum(span => (span.To - span.From).Ticks));
        foreach (var (from, to) in merged)
        {
            var stretch = new Stretch(from, to, left, left + (to - from).Ticks * perTick);
            _stretches.Add(stretch);
            left = stretch.Right + CutWidth;
        }
    }

    /// <summary>Where the pauses were cut out, as the middle of the cut and its length in time.</summary>
    internal IEnumerable<(double X, TimeSpan Pause)> Cuts => _stretches.Zip(_stretches.Skip(1), (before, after) => ((before.Right + after.Left) / 2, after.From - before.To));

    /// <summary>Round times for labels, no closer than a distance, counted from the beginning and anew after every cut.</summary>
    internal IEnumerable<(double X, TimeSpan Since)> Ticks(double distance)
    {
        foreach (var stretch in _stretches)
        {
            var step = RoundStep((stretch.To - stretch.From) * (distance / Math.Max(distance, stretch.Right - stretch.Left)));
            for (var since = TimeSpan.Zero; stretch.From + since <= stretch.To; since += step)
                yield return (X(stretch.From + since), since);
        }
    }

    internal double X(DateTimeOffset time)
    {
        var stretch = _stretches.FindLast(stretch => stretch.From <= time) ?? _stretches[0];
        var share = (double)(time - stretch.From).Ticks / Math.Max(1, (stretch.To - stretch.From).Ticks);
        return stretch.Left + Math.Clamp(share, 0, 1) * (stretch.Right - stretch.Left);
    }

    private static List<(DateTimeOffset From, DateTimeOffset To)> Merge(IEnumerable<(DateTimeOffset From, DateTimeOffset To)> spans)
    {
        var merged = new List<(DateTimeOffset From, DateTimeOffset To)>();
        foreach (var (from, to) in spans.OrderBy(span => span.From))
        {
            if (merged.Count > 0 && from <= merged[^1].To)
                merged[^1] = (merged[^1].From, to > merged[^1].To ? to : merged[^1].To);
            else
                merged.Add((from, to));
        }

        return merged;
    }

    private static void Join(List<(DateTimeOffset From, DateTimeOffset To)> spans, TimeSpan longest)
    {
        for (var i = spans.Count - 1; i > 0; i--)
        {
            if (spans[i].From - spans[i - 1].To <= longest)
            {
                spans[i - 1] = (spans[i - 1].From, spans[i].To);
                spans.RemoveAt(i);
            }
        }
    }

    private static TimeSpan RoundStep(TimeSpan atLeast)
    {
        double[] seconds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];
        return TimeSpan.FromSeconds(seconds.FirstOrDefault(step => step >= atLeast.TotalSeconds, Math.Max(86_400, Math.Ceiling(atLeast.TotalDays) * 86_400)));
    }

    private sealed record Stretch(DateTimeOffset From, DateTimeOffset To, double Left, double Right);
}
