using StatefulDeploy.Contracts;

namespace StatefulDeploy.Journal;

/// <summary>The journals of a service and its lease: in a folder of this machine, or at a place that machines share. The lines are the same.</summary>
public interface IJournalStore
{
    /// <summary>Where it is, as it is named to find it again: a folder or an address.</summary>
    string Location { get; }

    /// <summary>The folder on this machine for what upgrades leave besides their journals.</summary>
    string Folder { get; }

    /// <summary>How often it may be looked at in a loop.</summary>
    TimeSpan Pace { get; }

    /// <summary>Where the journal of an upgrade is.</summary>
    string LocationOf(string upgradeId);

    /// <summary>The folder on this machine for what an upgrade leaves besides its journal: reports and logs.</summary>
    string FilesOf(string upgradeId) => Path.Combine(Folder, "upgrades", upgradeId);

    /// <summary>The journals of one shard, with a lease of their own.</summary>
    IJournalStore OfPart(string shard);

    /// <summary>The ids of the upgrades, newest first.</summary>
    /// <exception cref="UpgradeException">The store cannot be read.</exception>
    Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Reads the journal of an upgrade: all entries that count; null when there is none.</summary>
    /// <exception cref="UpgradeException">It is damaged, from a newer version, or cannot be read.</exception>
    Task<IReadOnlyList<JournalEntry>?> FindAsync(string upgradeId, CancellationToken cancellationToken);

    /// <summary>Reads the journal of an upgrade that must exist.</summary>
    /// <exception cref="UpgradeException">It is missing, damaged, from a newer version, or cannot be read.</exception>
    async Task<IReadOnlyList<JournalEntry>> ReadAsync(string upgradeId, CancellationToken cancellationToken) =>
        await FindAsync(upgradeId, cancellationToken) ?? throw JournalText.Missing(LocationOf(upgradeId));

    /// <summary>An id that sorts by time and is not used yet.</summary>
    async Task<string> NewIdAsync(string service, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var used = (await ListAsync(cancellationToken)).ToHashSet(StringComparer.Ordinal);
        var stem = $"{service}-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}";
        var id = stem;
        for (var number = 2; used.Contains(id); number++)
        {
            id = $"{stem}-{number}";
        }

        return id;
    }

    /// <summary>Takes the service's lease: at once from nobody or from a holder that is known to be dead, never from a live one.</summary>
    /// <param name="service">The service, for the message.</param>
    /// <param name="upgradeId">The upgrade that is to be worked on.</param>
    /// <param name="role">What we are: <c>operator</c> or <c>keeper</c>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="UpgradeException">Somebody alive holds it (<c>ServiceBusy</c>), or the store cannot be reached.</exception>
    Task<IServiceLease> AcquireAsync(string service, string upgradeId, string role, CancellationToken cancellationToken);

    /// <summary>Who holds the service and is not known to be dead; null when nobody does.</summary>
    /// <exception cref="UpgradeException">The store cannot be read.</exception>
    Task<LeaseRecord?> FindHolderAsync(CancellationToken cancellationToken);

    /// <summary>Asks whoever works on an upgrade, in whatever process, to stop where it is safe.</summary>
    Task AskToStopAsync(string upgradeId, CancellationToken cancellationToken);

    /// <summary>Whether an upgrade was asked to stop.</summary>
    Task<bool> IsAskedToStopAsync(string upgradeId, CancellationToken cancellationToken);

    /// <summary>Something new is asked for: an earlier wish to stop is over.</summary>
    Task ForgetStopAsync(string upgradeId, CancellationToken cancellationToken);
}
