using System.Diagnostics;
using System.Globalization;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Tests.Garnet;

/// <summary>How long each act of a window took, in milliseconds.</summary>
public sealed class WindowTimes
{
    private readonly List<(string Act, double Milliseconds)> _acts = [];
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _last = Stopwatch.GetTimestamp();

    /// <summary>What the promotion captured.</summary>
    public ClusterPosition Reverse { get; set; } = null!;

    public double Total => Stopwatch.GetElapsedTime(_start, _last).TotalMilliseconds;

    public void Mark(string act)
    {
        long now = Stopwatch.GetTimestamp();
        _acts.Add((act, Stopwatch.GetElapsedTime(_last, now).TotalMilliseconds));
        _last = now;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Total:0.0} ms: {string.Join(", ", _acts.Select(act => $"{act.Act} {act.Milliseconds:0.0}"))}");
}
