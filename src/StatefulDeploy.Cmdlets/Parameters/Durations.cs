using System.Globalization;

namespace StatefulDeploy.Cmdlets.Parameters;

/// <summary>Durations as a person reads them.</summary>
internal static class Durations
{
    public static string ForPeople(TimeSpan duration) => duration.TotalSeconds switch
    {
        < 1 => Text(duration.TotalMilliseconds, "ms"),
        < 120 => Text(duration.TotalSeconds, "s"),
        < 7200 => Text(duration.TotalMinutes, "min"),
        _ => Text(duration.TotalHours, "h"),
    };

    private static string Text(double number, string unit) => number.ToString("0.##", CultureInfo.InvariantCulture) + " " + unit;
}
