using StatefulDeploy.Contracts;
using StatefulDeploy.Guard.Boot;
using StatefulDeploy.Guard.Remote;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Guard;

/// <summary>The guard's process: <c>statefuldeploy guard</c>. It needs nothing of the one who started it, and ends by itself when nothing is left to guard.</summary>
public static class GuardProgram
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    /// <summary>Runs until nothing is left to guard, or it is cancelled.</summary>
    /// <param name="options">The service and the folder.</param>
    /// <param name="platform">Engines, hosts, secrets and routers.</param>
    /// <param name="cancellationToken">Ends it. An armed window is then watched by nobody until a guard is started again.</param>
    /// <returns>0 when it ended by itself, 1 when another guard of that folder runs already.</returns>
    /// <exception cref="UpgradeException">The folder is not private, or a file in it is damaged or from a newer version.</exception>
    public static async Task<int> RunAsync(GuardOptions options, IPlatform platform, CancellationToken cancellationToken)
    {
        if (options.Mode == GuardMode.About)
        {
            await Console.Out.WriteLineAsync(RemoteProgram.Version);
            return 0;
        }

        if (options.Mode == GuardMode.Bridge)
            return await GuardBridge.RunAsync(options, platform, Console.OpenStandardInput(), Console.OpenStandardOutput(), cancellationToken);

        var log = new GuardLog(Console.Error);
        try
        {
            return await RunAsync(options, platform, new GuardClock(), log, cancellationToken);
        }
        catch (UpgradeException error)
        {
            log.Write($"The guard cannot run ({error.ErrorId}): {error.Message} {error.RecommendedAction}");
            throw;
        }
    }

    internal static async Task<int> RunAsync(GuardOptions options, IPlatform platform, GuardClock clock, GuardLog log, CancellationToken cancellationToken)
    {
        var clients = new ClientHosts();
        var own = platform.OwnProgram;
        if (options.Here is { } here)
            platform = new WriterPlatform(platform, here, clients);

        var service = platform.ReadService(options.ServiceFile);
        service = service with { GuardDirectory = options.GuardDirectory ?? service.GuardDirectory };
        var folder = new GuardFolder(service.GuardDirectory);
        folder.Ensure();
        using var turn = await FileLock.TakeAsync(folder.Lock, LockPatience, cancellationToken);
        if (turn is null)
        {
            log.Write("Another guard of this folder runs already.");
            return 1;
        }

        GuardFolder.Write(folder.Holder, RunningProcess.Self);
        using var store = GuardStore.Open(folder.Path);
        var boot = new BootStart(platform.CreateHosts(service)[options.Here ?? "local"]);
        var entry = new BootEntry(service.Name, folder.Path, own.Command(["guard", .. (options with { GuardDirectory = folder.Path }).Arguments]));
        using var daemon = new GuardDaemon(store, platform, service, clock, log) { WindowChanged = MindOthers, Ready = boot.InstallAsync(entry, log, cancellationToken) };
        using var server = GuardServer.Listen(folder, daemon, clients, log);
        log.Write($"The guard of service '{service.Name}' runs as process {Environment.ProcessId}, at epoch {daemon.State.Epoch}{(daemon.State.Window is { } window ? $", with window {window.Plan.WindowId} ({window.Outcome})" : string.Empty)}.");
        MindOthers(daemon.State.Window is { IsHarmless: false });
        if (await WatchAsync(daemon, server, log, cancellationToken))
            await boot.RemoveAsync(entry, log, cancellationToken);

        File.Delete(folder.Socket);
        return 0;
    }

    /// <summary>While a window is open everybody waits for the guard; what it rehearses before, and does after, has time.</summary>
    private static void MindOthers(bool isOpen)
    {
        if (isOpen)
            SessionShare.StepForward();
        else
            SessionShare.StandBack();
    }

    /// <returns>Whether nothing is left to guard; false when it was told to end.</returns>
    private static async Task<bool> WatchAsync(GuardDaemon daemon, GuardServer server, GuardLog log, CancellationToken cancellationToken)
    {
        var isOver = false;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var serving = server.RunAsync(ending.Token);
        try
        {
            while (!(daemon.IsIdle && server.Connections == 0 && Environment.TickCount64 - server.LastSeen > IdleTime.TotalMilliseconds))
            {
                await daemon.WatchAsync(cancellationToken);
                await Task.Delay(Look, cancellationToken);
            }

            isOver = true;
            log.Write("Nothing is left to guard.");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            log.Write("The guard was told to end.");
        }

        await ending.CancelAsync();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return isOver;
    }
}
