using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Posix;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Guard;

/// <summary>
/// The keeper's process: <c>statefuldeploy keeper</c>. When the one who works on an upgrade dies or hangs with a goal unfinished, it
/// resumes the upgrade in his place; meanwhile it sees to it that the guard lives, and after the switch that the relay of the way back does. It ends when there is nothing left to keep.
/// </summary>
public static class KeeperProgram
{
    private const int MostAttempts = 5;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(2);

    /// <summary>Starts the keeper of an upgrade as a process that outlives us, unless one runs.</summary>
    /// <param name="platform">How to start our own program, and the hosts.</param>
    /// <param name="service">The service.</param>
    /// <param name="options">What it is to keep.</param>
    /// <param name="cancellationToken">Stops the starting.</param>
    public static async Task StartAsync(IPlatform platform, ServiceDescription service, KeeperOptions options, CancellationToken cancellationToken)
    {
        var files = platform.OpenJournals(service, options.StateDirectory, TimeProvider.System).FilesOf(options.UpgradeId);
        DurableFile.CreateFolder(files);
        using (var free = FileLock.TryTake(LockIn(files)))
        {
            if (free is null)
                return;
        }

        await platform.CreateHosts(service)["local"].StartDetachedAsync(
            platform.OwnProgram.Command(["keeper", .. options.Arguments]), Path.Combine(files, "keeper.log"), cancellationToken);
    }

    /// <summary>Runs until nothing is left to keep, it has given up, or it is cancelled.</summary>
    /// <param name="options">What it is to keep.</param>
    /// <param name="platform">Hosts and services.</param>
    /// <param name="operations">Makes the operations of a keeper.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>0 when nothing is left to keep or another keeper runs, 1 when it has given up.</returns>
    public static async Task<int> RunAsync(KeeperOptions options, IPlatform platform, Func<IPlatform, IUpgradeOperations> operations, CancellationToken cancellationToken)
    {
        var log = new GuardLog(Console.Error);
        var service = platform.ReadService(options.ServiceFile);
        var journals = platform.OpenJournals(service, options.StateDirectory, TimeProvider.System);
        using var turn = FileLock.TryTake(LockIn(journals.FilesOf(options.UpgradeId)));
        if (turn is null)
            return 0;

        SessionShare.StandBack();
        log.Write($"Keeping upgrade {options.UpgradeId} as process {Environment.ProcessId}.");
        // A whole service of several shards has neither: each shard's own keeper cares for its guard and its way back.
        await using var guard = service.Parts.Count > 0 ? null : new KeptGuard(options, platform, log);
        var wayBack = guard is null ? null : new KeptWayBack(options, platform, journals, guard, log);
        var watch = new JournalWatch(journals, options.UpgradeId, TimeProvider.System);
        var attempts = 0;
        for (var idleSince = Environment.TickCount64; Environment.TickCount64 - idleSince < Linger.TotalMilliseconds; await Task.Delay(Look, cancellationToken))
        {
            var (unfinished, alive) = await watch.LookAsync(cancellationToken);
            if ((wayBack is not null && await wayBack.LookAsync(cancellationToken)) || unfinished || alive)
                idleSince = Environment.TickCount64;

            if (unfinished && guard is not null)
                await guard.LookAsync(cancellationToken);

            if (!unfinished || alive)
                continue;

            if (attempts == MostAttempts)
            {
                log.Write($"Given up after {MostAttempts} attempts. A person must look at it.");
                return 1;
            }

            // A host that is cut off is waited for, however long that takes: what was decided there can be read nowhere else.
            var reached = await ResumeAsync(options, platform, operations, log, cancellationToken);
            attempts = reached switch { true => 0, false => attempts + 1, null => attempts };
            if (reached != true)
                await Task.Delay(BetweenAttempts, cancellationToken);
        }

        log.Write("Nothing is left to keep.");
        return 0;
    }

    /// <returns>Whether the goal was reached; null when a host is cut off, and it can be later.</returns>
    private static async Task<bool?> ResumeAsync(KeeperOptions options, IPlatform platform, Func<IPlatform, IUpgradeOperations> operations, GuardLog log, CancellationToken cancellationToken)
    {
        log.Write("Whoever worked on it is gone; resuming.");
        SessionShare.StepForward();
        var resumed = operations(platform);
        try
        {
            var request = new UpgradeRequest { Path = options.ServiceFile, UpgradeId = options.UpgradeId, StateDirectory = options.StateDirectory };
            var cluster = await resumed.ResumeAsync(request, new LogReporter(log), cancellationToken);
            log.Write($"The goal was reached: {cluster.State}, {cluster.Live} is live.");
            return true;
        }
        catch (UpgradeException error)
        {
            log.Write($"It ended with {error.ErrorId}: {error.Message} {error.RecommendedAction}");
            return Failures.IsCutOff(error) ? null : false;
        }
        finally
        {
            await ((resumed as IAsyncDisposable)?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private static string LockIn(string files) => Path.Combine(files, "keeper.lock");
}
