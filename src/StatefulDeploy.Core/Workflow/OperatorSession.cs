using StatefulDeploy.Contracts;
using StatefulDeploy.Guard;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow;

/// <summary>What a process holds while it works on a service: the lease beside the journals, the guard on the writer's host, and the keeper that takes over if we die.</summary>
internal sealed class OperatorSession : IAsyncDisposable
{
    private readonly StopWish _stop;

    private OperatorSession(IServiceLease lease, IGuard guard, string upgradeId, StopWish stop)
    {
        Lease = lease;
        Guard = guard;
        UpgradeId = upgradeId;
        _stop = stop;
    }

    internal static Func<IPlatform, ServiceDescription, string, CancellationToken, Task<IGuard>> Connect { get; set; } = GuardClient.ConnectAsync;

    internal static Func<IPlatform, ServiceDescription, KeeperOptions, CancellationToken, Task> StartKeeper { get; set; } = KeeperProgram.StartAsync;

    internal IServiceLease Lease { get; }

    internal IGuard Guard { get; }

    internal string UpgradeId { get; }

    /// <summary>Signalled when <see cref="IUpgradeOperations.StopAsync"/> was called in whatever process.</summary>
    internal CancellationToken StopRequested => _stop.Token;

    /// <summary>When this process closed writes, kept between the cmdlets of a pipeline; null when it did not.</summary>
    internal long? ClosedAt { get; set; }

    /// <summary>A new stretch is asked for: an earlier wish to stop is over.</summary>
    internal Task ForgetStopAsync(CancellationToken cancellationToken) => _stop.ForgetAsync(cancellationToken);

    /// <summary>Takes both leases, which raises the epoch.</summary>
    /// <exception cref="UpgradeException">Somebody alive holds the service.</exception>
    internal static async Task<OperatorSession> OpenAsync(IPlatform platform, ServiceDescription service, IJournalStore store, string upgradeId, string role, TimeProvider clock, CancellationToken cancellationToken)
    {
        var lease = await store.AcquireAsync(service.Name, upgradeId, role, cancellationToken);
        StopWish? stop = null;
        try
        {
            stop = await StopWish.ListenAsync(store, upgradeId, clock, cancellationToken);
            var guard = await Connect(platform, service, upgradeId, cancellationToken);
            if (role != SessionPool.Keeper)
            {
                await StartKeeper(platform, service, new KeeperOptions(service.Path, store.Location, upgradeId), cancellationToken);
            }

            return new OperatorSession(lease, guard, upgradeId, stop);
        }
        catch
        {
            await (stop?.DisposeAsync() ?? ValueTask.CompletedTask);
            await lease.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.DisposeAsync();
        await Guard.DisposeAsync();
        await Lease.DisposeAsync();
    }
}
