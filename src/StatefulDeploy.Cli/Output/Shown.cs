using System.Globalization;

namespace StatefulDeploy.Cli.Output;

/// <summary>Durations and sizes for people.</summary>
internal static class Shown
{
    /// <summary>As precise as it is worth: <c>8.4 ms</c>, <c>1.3 s</c>, <c>4 min 10 s</c>, <c>2 h 5 min</c>.</summary>
    public static string Rough(TimeSpan duration) => duration switch
    {
        { TotalMilliseconds: < 100 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0.#} ms"),
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0} ms"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.#} s"),
        { TotalHours: < 1 } => $"{(int)duration.TotalMinutes} min {duration.Seconds} s",
        _ => $"{(int)duration.TotalHours} h {duration.Minutes} min",
    };

    /// <summary>Bytes with the unit that keeps the number short.</summary>
    public static string Bytes(long bytes)
    {
        string[] units = ["B", "KB", "MB", "GB", "TB"];
        var power = bytes < 1024 ? 0 : Math.Min((int)Math.Log(bytes, 1024), units.Length - 1);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / Math.Pow(1024, power):0.#} {units[power]}");
    }
}
