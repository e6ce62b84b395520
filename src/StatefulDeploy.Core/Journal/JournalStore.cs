using StatefulDeploy.Contracts;

namespace StatefulDeploy.Journal;

/// <summary>The journals of a state folder: one file an upgrade.</summary>
/// <param name="folder">The state folder.</param>
public sealed class JournalStore(string folder)
{
    private const string Extension = ".jsonl";

    /// <summary>The state folder.</summary>
    public string Folder { get; } = folder;

    private string Journals => Path.Combine(Folder, "upgrades");

    /// <summary>The journal file of an upgrade.</summary>
    public string PathOf(string upgradeId) => Path.Combine(Journals, upgradeId + Extension);

    /// <summary>The folder for what an upgrade leaves besides its journal: reports, logs, snapshots.</summary>
    public string FilesOf(string upgradeId) => Path.Combine(Journals, upgradeId);

    /// <summary>The ids of the upgrades, newest first.</summary>
    public IReadOnlyList<string> List() => Directory.Exists(Journals)
        ? [.. Directory.EnumerateFiles(Journals, "*" + Extension).Select(Path.GetFileNameWithoutExtension).OfType<string>().OrderDescending(StringComparer.Ordinal)]
        : [];

    /// <summary>An id that sorts by time and is not used yet.</summary>
    public string NewId(string service, DateTimeOffset now)
    {
        var stem = $"{service}-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}";
        var id = stem;
        for (var number = 2; File.Exists(PathOf(id)); number++)
        {
            id = $"{stem}-{number}";
        }

        return id;
    }

    /// <summary>Opens the journal of an upgrade for writing.</summary>
    public JournalFile Open(string upgradeId) => JournalFile.Open(PathOf(upgradeId));

    /// <summary>Reads the journal of an upgrade.</summary>
    /// <exception cref="UpgradeException">It is missing, damaged, or from a newer version.</exception>
    public IReadOnlyList<JournalEntry> Read(string upgradeId) => JournalFile.Read(PathOf(upgradeId));
}
