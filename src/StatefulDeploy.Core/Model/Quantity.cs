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
