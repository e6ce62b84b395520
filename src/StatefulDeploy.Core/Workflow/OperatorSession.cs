using StatefulDeploy.Contracts;
using StatefulDeploy.Guard;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow;

/// <summary>What a process holds while it works on a service: the lease in the journal's folder, the guard on the writer's host, and the keeper that takes over if we die.</summary>
internal sealed class OperatorSession : IAsyncDisposable
{
    private static readonly TimeSpan StopPoll = TimeSpan.FromMilliseconds(500);
    private CancellationTokenSource _stop = new();
    private readonly ITimer _stopWatch;
    private readonly string _stopFile;

    private OperatorSession(ServiceLease lease, IGuard guard, string upgradeId, string stopFile, TimeProvider clock)
    {
        Lease = lease;
        Guard = guard;
        UpgradeId = upgradeId;
        _stopFile = stopFile;
        _stopWatch = clock.CreateTimer(_ => LookForStop(), null, StopPoll, StopPoll);
    }

    internal static Func<IPlatform, ServiceDescription, string, CancellationToken, Task<IGuard>> Connect { get; set; } = GuardClient.ConnectAsync;

    internal static Func<IPlatform, ServiceDescription, KeeperOptions, CancellationToken, Task> StartKeeper { get; set; } = KeeperProgram.StartAsync;

    internal ServiceLease Lease { get; }

    internal IGuard Guard { get; }

    internal string UpgradeId { get; }

    /// <summary>Signalled when <see cref="IUpgradeOperations.StopAsync"/> was called in whatever process.</summary>
    internal CancellationToken StopRequested => _stop.Token;

    /// <summary>When this process closed writes, kept between the cmdlets of a pipeline; null when it did not.</summary>
    internal long? ClosedAt { get; set; }

    /// <summary>A new stretch is asked for: an earlier wish to stop is over.</summary>
    internal void ForgetStop()
    {
        File.Delete(_stopFile);
        if (_stop.IsCancellationRequested)
        {
            _stop.Dispose();
            _stop = new CancellationTokenSource();
        }
    }

    /// <summary>The file whose existence asks an upgrade to stop.</summary>
    internal static string StopFile(JournalStore store, string upgradeId) => Path.Combine(store.FilesOf(upgradeId), "stop-requested");

    /// <summary>Asks whoever works on an upgrade, in whatever process, to stop where it is safe.</summary>
    internal static void AskToStop(JournalStore store, string upgradeId)
    {
        Directory.CreateDirectory(store.FilesOf(upgradeId));
        File.WriteAllText(StopFile(store, upgradeId), string.Empty);
    }

    /// <summary>Takes both leases, which raises the epoch.</summary>
    /// <exception cref="UpgradeException">Somebody alive holds the service.</exception>
    internal static async Task<OperatorSession> OpenAsync(IPlatform platform, ServiceDescription service, JournalStore store, string upgradeId, string role, TimeProvider clock, CancellationToken cancellationToken)
    {
        var stopFile = StopFile(store, upgradeId);
        Directory.CreateDirectory(store.FilesOf(upgradeId));
        File.Delete(stopFile);
        var lease = ServiceLease.Acquire(store.Folder, service.Name, upgradeId, role, clock);
        try
        {
            var guard = await Connect(platform, service, upgradeId, cancellationToken);
            if (role != SessionPool.Keeper)
            {
                await StartKeeper(platform, service, new KeeperOptions(service.Path, store.Folder, upgradeId), cancellationToken);
            }

            return new OperatorSession(lease, guard, upgradeId, stopFile, clock);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopWatch.DisposeAsync();
        await Guard.DisposeAsync();
        Lease.Dispose();
        _stop.Dispose();
    }

    private void LookForStop()
    {
        if (File.Exists(_stopFile))
        {
            _stop.Cancel();
        }
    }
}
