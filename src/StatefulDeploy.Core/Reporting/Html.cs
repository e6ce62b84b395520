using System.Globalization;
using System.Net;
using StatefulDeploy.Model;

namespace StatefulDeploy.Reporting;

/// <summary>Text, times and numbers as they stand in the page.</summary>
internal static class Html
{
    internal static string Text(string? text) => WebUtility.HtmlEncode(text ?? string.Empty);

    internal static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";

    internal static string Clock(DateTimeOffset time) => time.UtcDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    internal static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    internal static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    internal static string Duration(TimeSpan? duration) => duration is { } known ? Quantity.Text(known) : "not recorded";
}
