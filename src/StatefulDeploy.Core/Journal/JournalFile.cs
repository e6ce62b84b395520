using System.Text;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Journal;

/// <summary>
/// The append-only journal of one upgrade: JSON lines, each flushed to disk. A last line that was torn by a crash is ignored;
/// any other damage is told and nothing is read. Lines of an epoch that had been taken over when they were written do not count.
/// </summary>
public sealed class JournalFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly object _gate = new();
    private Task _flushing = Task.CompletedTask;

    private JournalFile(string path, FileStream stream)
    {
        Path = path;
        _stream = stream;
    }

    /// <summary>The full path of the file.</summary>
    public string Path { get; }

    /// <summary>Opens a journal for writing, and makes it when it does not exist. A torn last line is cut off.</summary>
    /// <exception cref="UpgradeException">The file is damaged or from a newer version.</exception>
    public static JournalFile Open(string path)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        var whole = File.Exists(path) ? WholeLength(path) : 0;
        var stream = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        });
        stream.SetLength(whole);
        stream.Seek(0, SeekOrigin.End);
        return new JournalFile(path, stream);
    }

    /// <summary>Appends entries in one write, and returns when they and all before them are on disk.</summary>
    /// <exception cref="IOException">They could not be written, or those before them not be flushed.</exception>
    public void Append(params ReadOnlySpan<JournalEntry> entries)
    {
        WaitUntilFlushed();
        Write(entries);
        _stream.Flush(flushToDisk: true);
    }

    /// <summary>
    /// Appends entries in one write, which a kill of the process no longer takes back; they go to disk meanwhile, and are there when
    /// <see cref="FlushedAsync"/> or the next <see cref="Append"/> has returned.
    /// </summary>
    /// <exception cref="IOException">They could not be written.</exception>
    public void AppendBehind(params ReadOnlySpan<JournalEntry> entries)
    {
        Write(entries);
        _flushing = FlushAfterAsync(_flushing);
    }

    /// <summary>Waits until everything that was appended is on disk.</summary>
    /// <exception cref="IOException">It could not be flushed.</exception>
    public async Task FlushedAsync()
    {
        try
        {
            await _flushing.ConfigureAwait(false);
        }
        finally
        {
            _flushing = Task.CompletedTask; // Its failure is told once.
        }
    }

    /// <summary>Waits until everything that was appended is on disk.</summary>
    /// <exception cref="IOException">It could not be flushed.</exception>
    public void WaitUntilFlushed() => FlushedAsync().GetAwaiter().GetResult();

    private void Write(ReadOnlySpan<JournalEntry> entries)
    {
        var text = new StringBuilder();
        foreach (var entry in entries)
        {
            text.Append(JournalLine.Format(entry));
        }

        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        lock (_gate)
        {
            _stream.Seek(0, SeekOrigin.End);
            _stream.Write(bytes);
        }
    }

    private async Task FlushAfterAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        RandomAccess.FlushToDisk(_stream.SafeFileHandle);
    }

    /// <summary>Reads all entries that count.</summary>
    /// <exception cref="UpgradeException">The file is missing, damaged, or from a newer version.</exception>
    public static IReadOnlyList<JournalEntry> Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new UpgradeException("JournalNotFound", $"There is no journal '{path}'.", "Check the upgrade id and the state folder; Get-StatefulUpgrade lists what there is.", FailureCategory.NotFound) { Target = path };
        }

        var epoch = 0L;
        var entries = new List<JournalEntry>();
        foreach (var entry in Parse(path).Entries)
        {
            if (entry.Epoch >= epoch)
            {
                epoch = entry.Epoch;
                entries.Add(entry);
            }
        }

        return entries;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Whoever wants to know whether it succeeded has asked before.
        Task.WaitAny(_flushing);
        _stream.Dispose();
    }

    private static long WholeLength(string path) => Parse(path).WholeLength;

    private static (List<JournalEntry> Entries, long WholeLength) Parse(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        var bytes = memory.GetBuffer().AsSpan(0, (int)memory.Length);
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

            entries.Add(Checked(entry, line, path, number));
            start += length + 1;
        }

        return (entries, start);
    }

    private static JournalEntry Checked(JournalEntry? entry, string line, string path, int number)
    {
        var schema = entry?.Schema ?? JournalLine.SchemaOf(line);
        if (schema > JournalEntry.CurrentSchema)
        {
            throw new UpgradeException("JournalFromNewerVersion", $"Line {number} of the journal '{path}' has schema {schema}; this version reads up to {JournalEntry.CurrentSchema}.", "Go on with the version of StatefulDeploy that wrote it, or a newer one.", FailureCategory.Damaged) { Target = path };
        }

        return entry ?? throw new UpgradeException("JournalDamaged", $"Line {number} of the journal '{path}' is damaged: its checksum does not match.", "Restore the file from a backup. Without it: what the guard on the writer's host says is true; open writes with Set-ClusterReadWrite if they are closed, and begin a new upgrade.", FailureCategory.Damaged) { Target = path };
    }
}
