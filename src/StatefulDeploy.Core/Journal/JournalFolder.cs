using StatefulDeploy.Model;

namespace StatefulDeploy.Journal;

/// <summary>The journals of a state folder of this machine: one file an upgrade.</summary>
/// <param name="folder">The state folder.</param>
/// <param name="clock">The clock; null for the system's.</param>
public sealed class JournalFolder(string folder, TimeProvider? clock = null) : IJournalStore
{
    private const string Extension = ".jsonl";
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    /// <inheritdoc/>
    public string Location => Folder;

    /// <inheritdoc/>
    public string Folder { get; } = folder;

    /// <inheritdoc/>
    public TimeSpan Pace => TimeSpan.FromMilliseconds(200);

    private string Journals => Path.Combine(Folder, "upgrades");

    /// <inheritdoc/>
    public string LocationOf(string upgradeId) => Path.Combine(Journals, upgradeId + Extension);

    /// <inheritdoc/>
    public IJournalStore OfPart(string shard) => new JournalFolder(ServicePart.FolderOf(Folder, shard), _clock);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>(Directory.Exists(Journals)
        ? [.. Directory.EnumerateFiles(Journals, "*" + Extension).Select(Path.GetFileNameWithoutExtension).OfType<string>().OrderDescending(StringComparer.Ordinal)]
        : []);

    /// <inheritdoc/>
    public Task<IReadOnlyList<JournalEntry>?> FindAsync(string upgradeId, CancellationToken cancellationToken) =>
        Task.FromResult(File.Exists(LocationOf(upgradeId)) ? JournalFile.Read(LocationOf(upgradeId)) : null);

    /// <inheritdoc/>
    public Task<IServiceLease> AcquireAsync(string service, string upgradeId, string role, CancellationToken cancellationToken) =>
        Task.FromResult<IServiceLease>(ServiceLease.Acquire(Folder, service, upgradeId, role, _clock));

    /// <inheritdoc/>
    public Task<LeaseRecord?> FindHolderAsync(CancellationToken cancellationToken) =>
        Task.FromResult(ServiceLease.Read(Folder) is { } holder && ServiceLease.IsAlive(holder, _clock) ? holder : null);

    /// <inheritdoc/>
    public Task AskToStopAsync(string upgradeId, CancellationToken cancellationToken)
    {
        var wish = StopFile(upgradeId);
        Directory.CreateDirectory(Path.GetDirectoryName(wish)!);
        return File.WriteAllTextAsync(wish, string.Empty, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> IsAskedToStopAsync(string upgradeId, CancellationToken cancellationToken) => Task.FromResult(File.Exists(StopFile(upgradeId)));

    /// <inheritdoc/>
    public Task ForgetStopAsync(string upgradeId, CancellationToken cancellationToken)
    {
        if (File.Exists(StopFile(upgradeId)))
        {
            File.Delete(StopFile(upgradeId));
        }

        return Task.CompletedTask;
    }

    private string StopFile(string upgradeId) => Path.Combine(Journals, upgradeId, "stop-requested");
}
