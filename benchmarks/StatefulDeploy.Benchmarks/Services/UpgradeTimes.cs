using System.Globalization;
using StatefulDeploy.Journal;

namespace StatefulDeploy.Benchmarks.Services;

/// <summary>The times in the journal of an upgrade.</summary>
public sealed class UpgradeTimes
{
    private readonly IReadOnlyList<JournalEntry> _entries;

    private UpgradeTimes(IReadOnlyList<JournalEntry> entries)
    {
        _entries = entries;
    }

    /// <summary>How long writes were closed, by the upgrade's own clock.</summary>
    public TimeSpan ClosedFor => TimeSpan.FromMilliseconds(double.Parse(
        _entries.Last(entry => entry.Data?.ContainsKey("closedMs") == true).Data!["closedMs"], CultureInfo.InvariantCulture));

    /// <summary>From when the router begins to hold writes to when it lets them go on.</summary>
    public (DateTimeOffset From, DateTimeOffset To) Window => (Sample("closing"), Sample("opened"));

    /// <summary>Reads the newest journal of a state folder.</summary>
    public static UpgradeTimes Read(string folder) =>
        new(JournalFile.Read(Directory.EnumerateFiles(Path.Combine(folder, "upgrades"), "*.jsonl").Max(StringComparer.Ordinal)!));

    /// <summary>From the beginning of one row to the end of another.</summary>
    public TimeSpan Between(string first, string last) =>
        _entries.Last(entry => entry.Kind == JournalKind.Done && entry.Name == last).Time - _entries.First(entry => entry.Kind == JournalKind.Intent && entry.Name == first).Time;

    private DateTimeOffset Sample(string name) => _entries.Last(entry => entry.Kind == JournalKind.Sample && entry.Name == name).Time;
}
