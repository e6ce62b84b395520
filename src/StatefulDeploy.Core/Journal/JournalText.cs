using System.Text;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Journal;

/// <summary>The text of a journal, wherever it is kept: lines of JSON, of which a last one that was torn by a crash does not count.</summary>
public static class JournalText
{
    /// <summary>Entries as lines.</summary>
    public static byte[] Format(params ReadOnlySpan<JournalEntry> entries)
    {
        var text = new StringBuilder();
        foreach (var entry in entries)
        {
            text.Append(JournalLine.Format(entry));
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>The entries that count: not those that were written under an epoch that had been taken over by then.</summary>
    /// <param name="bytes">The text.</param>
    /// <param name="location">Where it is from, for messages.</param>
    /// <exception cref="UpgradeException">It is damaged or from a newer version.</exception>
    public static IReadOnlyList<JournalEntry> Read(ReadOnlySpan<byte> bytes, string location)
    {
        var epoch = 0L;
        var entries = new List<JournalEntry>();
        foreach (var entry in Parse(bytes, location).Entries)
        {
            if (entry.Epoch >= epoch)
            {
                epoch = entry.Epoch;
                entries.Add(entry);
            }
        }

        return entries;
    }

    /// <summary>How many bytes of the text are whole lines.</summary>
    /// <param name="bytes">The text.</param>
    /// <param name="location">Where it is from, for messages.</param>
    /// <exception cref="UpgradeException">It is damaged or from a newer version.</exception>
    public static int WholeLength(ReadOnlySpan<byte> bytes, string location) => Parse(bytes, location).WholeLength;

    internal static UpgradeException Missing(string location) =>
        new("JournalNotFound", $"There is no journal '{location}'.", "Check the upgrade id and the state folder; Get-StatefulUpgrade lists what there is.", FailureCategory.NotFound) { Target = location };

    private static (List<JournalEntry> Entries, int WholeLength) Parse(ReadOnlySpan<byte> bytes, string location)
    {
        var entries = new List<JournalEntry>();
        var start = 0;
        for (var number = 1; start < bytes.Length; number++)
        {
            var length = bytes[start..].IndexOf((byte)'\n');
            var line = Encoding.UTF8.GetString(length < 0 ? bytes[start..] : bytes.Slice(start, length));
            var entry = length < 0 ? null : JournalLine.Parse(line);
            if (entry is null && (length < 0 || start + length + 1 == bytes.Length) && JournalLine.SchemaOf(line) is not > JournalEntry.CurrentSchema)
            {
                break; // Torn by a crash while it was written: nobody was told that it is there.
            }

            entries.Add(Checked(entry, line, location, number));
            start += length + 1;
        }

        return (entries, start);
    }

    private static JournalEntry Checked(JournalEntry? entry, string line, string location, int number)
    {
        var schema = entry?.Schema ?? JournalLine.SchemaOf(line);
        if (schema > JournalEntry.CurrentSchema)
        {
            throw new UpgradeException("JournalFromNewerVersion", $"Line {number} of the journal '{location}' has schema {schema}; this version reads up to {JournalEntry.CurrentSchema}.", "Go on with the version of StatefulDeploy that wrote it, or a newer one.", FailureCategory.Damaged) { Target = location };
        }

        return entry ?? throw new UpgradeException("JournalDamaged", $"Line {number} of the journal '{location}' is damaged: its checksum does not match.", "Restore the file from a backup. Without it: what the guard on the writer's host says is true; open writes with Set-ClusterReadWrite if they are closed, and begin a new upgrade.", FailureCategory.Damaged) { Target = location };
    }
}
