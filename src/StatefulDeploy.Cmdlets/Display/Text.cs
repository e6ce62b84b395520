using System.Globalization;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Display;

/// <summary>Numbers as the format views show them; empty when there is none.</summary>
public static class Text
{
    /// <summary>Bytes with a binary unit, such as <c>1.5 MiB</c>.</summary>
    public static string Bytes(long? bytes) => bytes is { } value ? Quantity.Text(value) : string.Empty;

    /// <summary>A duration in the unit that suits it, such as <c>12.5 ms</c>.</summary>
    public static string Duration(TimeSpan? duration) => duration is { } value ? Quantity.Text(value) : string.Empty;

    /// <summary>A moment in local time, such as <c>2026-07-01 18:30</c>.</summary>
    public static string Moment(DateTimeOffset? moment) => moment is { } value ? value.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) : string.Empty;

    /// <summary>A share in percent, such as <c>40 %</c>; empty when the whole is unknown.</summary>
    public static string Share(long part, long? whole) => whole is > 0 ? (100.0 * part / whole.Value).ToString("0", CultureInfo.InvariantCulture) + " %" : string.Empty;
}
