namespace StatefulDeploy.Journal;

/// <summary>
/// The journal of one upgrade, open for writing. Lines are on this machine's disk when <see cref="Append"/> returns, and where every machine
/// that shares the store reads them when <see cref="SharedAsync"/> does.
/// </summary>
public interface IJournal : IAsyncDisposable
{
    /// <summary>
    /// Whether machines share it. Then lines may be missing here that only the disk of a machine has that wrote before us and is gone: of the
    /// last closed window, and no others (see <see cref="SharedAsync"/>).
    /// </summary>
    bool IsShared { get; }

    /// <summary>Appends entries, if any, in one write, and returns when they and all before them are on this machine's disk.</summary>
    /// <exception cref="IOException">They could not be written, or those before them not be flushed.</exception>
    void Append(params ReadOnlySpan<JournalEntry> entries);

    /// <summary>
    /// Appends entries in one write, which a kill of the process no longer takes back; they go to disk meanwhile, and are there when
    /// <see cref="FlushedAsync"/> or the next <see cref="Append"/> has returned.
    /// </summary>
    /// <exception cref="IOException">They could not be written.</exception>
    void AppendBehind(params ReadOnlySpan<JournalEntry> entries);

    /// <summary>Waits until everything that was appended is on this machine's disk.</summary>
    /// <exception cref="IOException">It could not be flushed.</exception>
    Task FlushedAsync();

    /// <summary>
    /// Waits until everything that was appended can be read by every machine that shares the store. It is waited for before every step that
    /// changes something while writes are open, before the fence, and before the guard is told that a decided window is done with; never
    /// between the fence and the opening.
    /// </summary>
    /// <exception cref="Contracts.UpgradeException">It could not be had in time, or somebody else has taken the service over.</exception>
    Task SharedAsync(CancellationToken cancellationToken);
}
