using StatefulDeploy.Contracts;

namespace StatefulDeploy.Journal;

/// <summary>
/// The append-only journal of one upgrade: JSON lines, each flushed to disk. A last line that was torn by a crash is ignored;
/// any other damage is told and nothing is read. Lines of an epoch that had been taken over when they were written do not count.
/// </summary>
public sealed class JournalFile : IJournal, IDisposable
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

    /// <inheritdoc/>
    public bool IsShared => false;

    /// <summary>Opens a journal for writing, and makes it when it does not exist. A torn last line is cut off.</summary>
    /// <exception cref="UpgradeException">The file is damaged or from a newer version.</exception>
    public static JournalFile Open(string path)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        var whole = File.Exists(path) ? JournalText.WholeLength(Load(path), path) : 0;
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

    /// <inheritdoc/>
    public void Append(params ReadOnlySpan<JournalEntry> entries)
    {
        FlushedAsync().GetAwaiter().GetResult();
        if (!entries.IsEmpty)
        {
            Write(entries);
            _stream.Flush(flushToDisk: true);
        }
    }

    /// <inheritdoc/>
    public void AppendBehind(params ReadOnlySpan<JournalEntry> entries)
    {
        Write(entries);
        _flushing = FlushAfterAsync(_flushing);
    }

    /// <inheritdoc/>
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

    /// <summary>As <see cref="FlushedAsync"/>: nobody else reads a file of this machine.</summary>
    public Task SharedAsync(CancellationToken cancellationToken) => FlushedAsync();

    private void Write(ReadOnlySpan<JournalEntry> entries)
    {
        var bytes = JournalText.Format(entries);
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
    public static IReadOnlyList<JournalEntry> Read(string path) =>
        File.Exists(path) ? JournalText.Read(Load(path), path) : throw JournalText.Missing(path);

    /// <inheritdoc/>
    public void Dispose()
    {
        // Whoever wants to know whether it succeeded has asked before.
        Task.WaitAny(_flushing);
        _stream.Dispose();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private static ReadOnlySpan<byte> Load(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.GetBuffer().AsSpan(0, (int)memory.Length);
    }
}
