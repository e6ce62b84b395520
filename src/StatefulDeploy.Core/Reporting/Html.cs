using System.Globalization;
using System.Net;

namespace StatefulDeploy.Reporting;

/// <summary>Text, times and numbers as they stand in the page.</summary>
internal static class Html
{
    internal static string Text(string? text) => WebUtility.HtmlEncode(text ?? string.Empty);

    internal static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";

    internal static string Clock(DateTimeOffset time) => time.UtcDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    internal static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    internal static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    internal static string Duration(TimeSpan? duration) => duration switch
    {
        null => "not recorded",
        { TotalMilliseconds: < 10 } small => Invariant($"{small.TotalMilliseconds:0.##} ms"),
        { TotalMilliseconds: < 1000 } small => Invariant($"{small.TotalMilliseconds:0.#} ms"),
        { TotalMinutes: < 1 } seconds => Invariant($"{seconds.TotalSeconds:0.##} s"),
        { TotalHours: < 1 } minutes => $"{(int)minutes.TotalMinutes} min {minutes.Seconds} s",
        { TotalDays: < 1 } hours => $"{(int)hours.TotalHours} h {hours.Minutes} min",
        { } days => $"{(int)days.TotalDays} d {days.Hours} h",
    };

    internal static string Bytes(double bytes)
    {
        string[] units = ["B", "KB", "MB", "GB", "TB"];
        var power = bytes < 1024 ? 0 : Math.Min((int)Math.Log(bytes, 1024), units.Length - 1);
        return Invariant($"{bytes / Math.Pow(1024, power):0.#} {units[power]}");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
