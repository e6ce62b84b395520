using System.Globalization;
using System.Text.RegularExpressions;

namespace StatefulDeploy.Model;

/// <summary>Durations such as <c>1m30s</c> and sizes such as <c>256MB</c>, as people write them.</summary>
public static partial class Quantity
{
    private const string Number = @"(?<value>\d+(?:\.\d+)?)";

    /// <summary>Reads numbers with the units ms, s, m, h and d, largest first, such as <c>500ms</c>, <c>1m30s</c> or <c>90d</c>.</summary>
    /// <returns>Whether the text is a duration.</returns>
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        var match = DurationPattern().Match(text.Trim());
        if (!match.Success)
            return false;

        try
        {
            foreach (var (value, unit) in match.Groups["value"].Captures.Zip(match.Groups["unit"].Captures))
                duration += UnitOf(unit.Value) * double.Parse(value.Value, CultureInfo.InvariantCulture);
            return true;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    /// <summary>Reads a number with an optional unit B, KB, MB, GB or TB (or KiB …); as in PowerShell, 1MB is 1,048,576 bytes.</summary>
    /// <returns>Whether the text is a size.</returns>
    public static bool TryParseBytes(string text, out long bytes)
    {
        bytes = 0;
        var match = BytesPattern().Match(text.Trim());
        if (!match.Success)
            return false;

        var power = match.Groups["unit"].Value is { Length: > 0 } unit ? "KMGT".IndexOf(char.ToUpperInvariant(unit[0]), StringComparison.Ordinal) + 1 : 0;
        var value = double.Parse(match.Groups["value"].ValueSpan, CultureInfo.InvariantCulture) * Math.Pow(1024, power);
        bytes = value < long.MaxValue ? (long)value : 0;
        return value < long.MaxValue;
    }

    /// <summary>A duration for people, as precise as it is worth: <c>8.3 ms</c>, <c>1.3 s</c>, <c>4 min 10 s</c>, <c>2 h 5 min</c>, <c>14 d</c>.</summary>
    public static string Text(TimeSpan duration) => duration switch
    {
        { TotalSeconds: < 1 } => Invariant($"{duration.TotalMilliseconds:0.#} ms"),
        { TotalMinutes: < 1 } => Invariant($"{duration.TotalSeconds:0.##} s"),
        { TotalHours: < 1 } => Text(duration.Minutes, "min", duration.Seconds, "s"),
        { TotalDays: < 1 } => Text(duration.Hours, "h", duration.Minutes, "min"),
        _ => Text(duration.Days, "d", duration.Hours, "h"),
    };

    /// <summary>Bytes for people, with the binary unit that keeps the number short, such as <c>1.5 MiB</c>.</summary>
    public static string Text(double bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        var power = bytes < 1024 ? 0 : Math.Min((int)Math.Log(bytes, 1024), units.Length - 1);
        return Invariant($"{bytes / Math.Pow(1024, power):0.#} {units[power]}");
    }

    private static string Text(int whole, string unit, int rest, string smallerUnit) =>
        rest == 0 ? $"{whole} {unit}" : $"{whole} {unit} {rest} {smallerUnit}";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static TimeSpan UnitOf(string unit) => unit switch
    {
        "ms" => TimeSpan.FromMilliseconds(1),
        "s" => TimeSpan.FromSeconds(1),
        "m" => TimeSpan.FromMinutes(1),
        "h" => TimeSpan.FromHours(1),
        _ => TimeSpan.FromDays(1),
    };

    [GeneratedRegex($"^(?:{Number}(?<unit>ms|s|m|h|d))+$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DurationPattern();

    [GeneratedRegex($"^{Number}\\s*(?<unit>[KMGT]i?B?|B)?$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex BytesPattern();
}
