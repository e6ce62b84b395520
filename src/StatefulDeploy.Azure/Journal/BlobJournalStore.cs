using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Journal;

/// <summary>
/// Journals that machines share: one append blob an upgrade, with the lines of a local one, and the service's lease beside them. What this
/// machine writes is in a file of its own first (<see cref="SharedCopy"/>).
/// </summary>
/// <param name="blobs">The container.</param>
/// <param name="folder">The state folder on this machine.</param>
/// <param name="clock">The clock.</param>
internal sealed class BlobJournalStore(BlobContainer blobs, string folder, TimeProvider clock) : IJournalStore
{
    /// <summary>The blob that holds the lease, and says who has it.</summary>
    internal const string LeaseBlob = "lease.json";

    private const string Journals = "upgrades/";
    private const string Extension = ".jsonl";
    private readonly ConcurrentDictionary<string, BlobAnswer> _seen = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Location => blobs.Address.ToString();

    /// <inheritdoc/>
    public string Folder => folder;

    /// <inheritdoc/>
    public TimeSpan Pace => TimeSpan.FromSeconds(2);

    /// <summary>The container.</summary>
    internal BlobContainer Blobs => blobs;

    /// <inheritdoc/>
    public string LocationOf(string upgradeId) => $"{Location}/{NameOf(upgradeId)}";

    /// <inheritdoc/>
    public IJournalStore OfPart(string shard) => new BlobJournalStore(blobs.Below($"shards/{shard}"), ServicePart.FolderOf(folder, shard), clock);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await blobs.ListAsync(Journals, cancellationToken)).Where(name => name.EndsWith(Extension, StringComparison.Ordinal))
            .Select(name => name[Journals.Length..^Extension.Length]).OrderDescending(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<JournalEntry>?> FindAsync(string upgradeId, CancellationToken cancellationToken) =>
        await ReadSharedAsync(upgradeId, cancellationToken) is { } shared ? JournalText.Read(CopyOf(upgradeId).Over(shared), LocationOf(upgradeId)) : null;

    /// <inheritdoc/>
    public async Task<IServiceLease> AcquireAsync(string service, string upgradeId, string role, CancellationToken cancellationToken)
    {
        var record = LeaseRecord.OfUs(upgradeId, role, clock);
        await blobs.PutAsync(LeaseBlob, "{}", lease: null, anew: true, cancellationToken);
        var (before, _) = await ReadHolderAsync(cancellationToken);
        var answer = await blobs.LeaseAsync(LeaseBlob, "acquire", null, record.Owner, cancellationToken);
        if (answer.IsLeaseRefusal && before is { IsKnownDead: true })
        {
            // Only if it is still the dead one's: whoever has taken it meanwhile keeps it.
            answer = await blobs.LeaseAsync(LeaseBlob, "change", before.Owner, record.Owner, cancellationToken);
        }

        if (answer.IsLeaseRefusal)
            throw await BusyAsync(service, cancellationToken);

        answer.OrThrow(blobs.Address, "taking the lease");
        var lease = new BlobLease(this, service, record.Owner, before?.Owner, clock);
        try
        {
            await blobs.PutAsync(LeaseBlob, ModelJson.Write(record), record.Owner, anew: false, cancellationToken);
            return lease;
        }
        catch
        {
            await lease.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<LeaseRecord?> FindHolderAsync(CancellationToken cancellationToken) =>
        await ReadHolderAsync(cancellationToken) is ({ IsKnownDead: false } holder, true) ? holder : null;

    /// <inheritdoc/>
    public Task AskToStopAsync(string upgradeId, CancellationToken cancellationToken) => blobs.PutAsync(StopOf(upgradeId), string.Empty, lease: null, anew: false, cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> IsAskedToStopAsync(string upgradeId, CancellationToken cancellationToken)
    {
        var answer = await blobs.LookAsync(StopOf(upgradeId), cancellationToken);
        return !answer.IsBlobMissing && answer.OrThrow(blobs.Address, "looking for a wish to stop").Succeeded;
    }

    /// <inheritdoc/>
    public Task ForgetStopAsync(string upgradeId, CancellationToken cancellationToken) => blobs.RemoveAsync(StopOf(upgradeId), cancellationToken);

    /// <summary>The blob of a journal.</summary>
    internal static string NameOf(string upgradeId) => Journals + upgradeId + Extension;

    /// <summary>This machine's copy of a journal.</summary>
    internal SharedCopy CopyOf(string upgradeId) => new(Path.Combine(folder, "shared", upgradeId + Extension));

    /// <summary>What the shared journal holds; null when there is none.</summary>
    internal async Task<byte[]?> ReadSharedAsync(string upgradeId, CancellationToken cancellationToken)
    {
        var name = NameOf(upgradeId);
        var seen = _seen.GetValueOrDefault(name);
        var answer = await blobs.GetAsync(name, cancellationToken, unless: seen?.ETag);
        if (answer.Status == 304)
            return seen!.Body;

        if (answer.IsBlobMissing)
            return null;

        return (_seen[name] = answer.OrThrow(blobs.Address, $"reading '{name}'")).Body;
    }

    private static string StopOf(string upgradeId) => $"{Journals}{upgradeId}.stop";

    /// <summary>Who took the lease last, and whether it runs. Between its being taken and its being written down it is told of the one before.</summary>
    private async Task<(LeaseRecord? Record, bool Runs)> ReadHolderAsync(CancellationToken cancellationToken)
    {
        var answer = await blobs.GetAsync(LeaseBlob, cancellationToken);
        return answer.IsBlobMissing
            ? (null, false)
            : (Parse(answer.OrThrow(blobs.Address, "reading the lease")), answer.LeaseState is "leased" or "breaking");
    }

    private static LeaseRecord? Parse(BlobAnswer answer)
    {
        try
        {
            return ModelJson.Read<LeaseRecord>(Encoding.UTF8.GetString(answer.Body)) is { Owner: not null, Process: not null } record ? record : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<UpgradeException> BusyAsync(string service, CancellationToken cancellationToken)
    {
        var (holder, _) = await ReadHolderAsync(cancellationToken);
        return holder?.Busy(service, $"since {holder.Renewed:u}; its lease in '{Location}' is renewed")
            ?? new UpgradeException("ServiceBusy", $"Service '{service}' is held by somebody who has only now taken the lease in '{Location}'.", "Wait until it has ended. A holder that dies is taken over by itself.", FailureCategory.Busy) { Target = service };
    }
}
