using System.Globalization;
using System.Management.Automation;

namespace StatefulDeploy.Cmdlets.Parameters;

/// <summary>
/// Lets a duration be given as a person says it: <c>30</c> (seconds), <c>500ms</c>, <c>30s</c>, <c>10m</c>, <c>12h</c>, <c>2d</c>,
/// <c>00:00:30</c> or a TimeSpan. Without it PowerShell takes 30 for 30 ticks, and '30' for 30 days.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationAttribute : ArgumentTransformationAttribute
{
    /// <summary>Makes a TimeSpan of what was given.</summary>
    /// <exception cref="ArgumentTransformationMetadataException">It is no duration, or is negative.</exception>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var given = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (given is null)
        {
            return null;
        }

        return Read(given) is { } duration && duration >= TimeSpan.Zero
            ? duration
            : throw new ArgumentTransformationMetadataException(
                $"'{given}' is not a duration. Expected a number of seconds such as 30, or a text such as 500ms, 30s, 10m, 12h, 2d or 00:00:30; not negative.");
    }

    /// <summary>Reads a duration; null when it is none.</summary>
    internal static TimeSpan? Read(object given) => given switch
    {
        TimeSpan span => span,
        string text => ReadText(text.Trim()),
        byte or short or int or long or float or double or decimal => Of(Convert.ToDouble(given, CultureInfo.InvariantCulture), "s"),
        _ => null,
    };

    private static TimeSpan? ReadText(string text)
    {
        var digits = text.TakeWhile(letter => char.IsAsciiDigit(letter) || letter == '.').Count();
        if (digits > 0 && double.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && Of(number, text[digits..].TrimStart()) is { } duration)
        {
            return duration;
        }

        return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) ? span : null;
    }

    private static TimeSpan? Of(double number, string unit)
    {
        double? seconds = unit switch
        {
            "ms" => number / 1000,
            "" or "s" => number,
            "m" => number * 60,
            "h" => number * 3600,
            "d" => number * 86400,
            _ => null,
        };
        return seconds is { } value && value < TimeSpan.MaxValue.TotalSeconds && value > TimeSpan.MinValue.TotalSeconds ? TimeSpan.FromSeconds(value) : null;
    }
}
