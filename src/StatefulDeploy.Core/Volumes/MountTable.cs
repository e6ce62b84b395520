using System.Globalization;
using System.Text;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Volumes;

/// <summary>The mounts of a host, as its kernel tells them (/proc/self/mountinfo, proc(5)).</summary>
internal sealed class MountTable
{
    private const string Table = "/proc/self/mountinfo";

    private MountTable(IReadOnlyList<MountEntry> entries)
    {
        Entries = entries;
    }

    /// <summary>The mounts, oldest first.</summary>
    internal IReadOnlyList<MountEntry> Entries { get; }

    internal static async Task<MountTable> ReadAsync(IHost host, CancellationToken cancellationToken) =>
        Parse(await host.ReadFileAsync(Table, cancellationToken)
            ?? throw new UpgradeException("HostNotLinux", $"Host '{host.Name}' has no {Table}.", "Volumes are moved between hosts with Linux only.", FailureCategory.Refused) { Target = host.Name });

    internal static MountTable Parse(string text) => new([.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Read)]);

    /// <summary>The mounts of a device.</summary>
    internal IReadOnlyList<MountEntry> Of(BlockDevice device) => [.. Entries.Where(entry => entry.Number == device.Number)];

    /// <summary>What is mounted at a place, the uppermost of several; null for nothing.</summary>
    internal MountEntry? At(string mountPoint) => Entries.LastOrDefault(entry => entry.MountPoint == mountPoint);

    /// <summary>What is mounted below a place.</summary>
    internal IReadOnlyList<MountEntry> Below(string mountPoint) => [.. Entries.Where(entry => entry.MountPoint.StartsWith(mountPoint + "/", StringComparison.Ordinal))];

    // "36 35 98:0 /root /mount/point rw,noatime master:1 - ext4 /dev/root rw": the fields before the dash vary in number.
    private static MountEntry Read(string line)
    {
        var halves = line.Split(" - ", 2);
        var fields = halves[0].Split(' ');
        var rest = halves[1].Split(' ');
        return new MountEntry(fields[2], Unescape(fields[4]), rest[0], Unescape(rest[1]));
    }

    // Blanks, tabs, newlines and backslashes stand as three octal digits.
    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        var plain = new StringBuilder();
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '\\' && at + 3 < text.Length)
            {
                plain.Append((char)Convert.ToInt32(text.Substring(at + 1, 3).ToString(CultureInfo.InvariantCulture), 8));
                at += 3;
            }
            else
            {
                plain.Append(text[at]);
            }
        }

        return plain.ToString();
    }
}
