using System.Globalization;
using System.Management.Automation;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Parameters;

/// <summary>
/// Lets a duration be given as a person says it: <c>30</c> (seconds), <c>500ms</c>, <c>30s</c>, <c>10m</c>, <c>1h30m</c>, <c>2d</c>,
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
                $"'{given}' is not a duration. Expected a number of seconds such as 30, or a text such as 500ms, 30s, 10m, 1h30m, 2d or 00:00:30; not negative.");
    }

    /// <summary>Reads a duration; null when it is none.</summary>
    internal static TimeSpan? Read(object given) => given switch
    {
        TimeSpan span => span,
        string text => ReadText(text.Trim()),
        byte or short or int or long or float or double or decimal => OfSeconds(Convert.ToDouble(given, CultureInfo.InvariantCulture)),
        _ => null,
    };

    private static TimeSpan? ReadText(string text)
    {
        if (Quantity.TryParseDuration(text, out var duration) || Quantity.TryParseDuration(text + "s", out duration))
        {
            return duration;
        }

        return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) ? span : null;
    }

    private static TimeSpan? OfSeconds(double seconds) =>
        Math.Abs(seconds) < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
}
