using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Posix;
using StatefulDeploy.Rehearsal;

namespace StatefulDeploy.Guard;

/// <summary>
/// Before the first window of a guard's process: the engine's gate plays its acts, and a second guard on a folder of its own decides two
/// windows between clusters without servers. Then all code of a window is warm. A failure costs the window some time, and nothing else.
/// </summary>
internal sealed class GuardRehearsal(IPlatform platform, ServiceDescription service, GuardClock clock, GuardLog log)
{
    private const long Epoch = 1;

    private static readonly TimeSpan Within = TimeSpan.FromSeconds(5);

    private readonly object _turn = new();
    private Task? _played;

    /// <summary>Plays it once; later calls wait for the same.</summary>
    public Task PlayAsync()
    {
        lock (_turn)
            return _played ??= Task.Run(PlayOnceAsync);
    }

    private async Task PlayOnceAsync()
    {
        using var limit = new CancellationTokenSource(Within);
        try
        {
            var host = service.Blue.Writer.Host;
            await platform.FindEngine(service.Engine).Gate.RehearseAsync(new GateContext(service, "rehearsal", Epoch, platform.CreateSecrets(service), platform.CreateHosts(service)[host]), limit.Token);
            await DecideAsync(Stage.Cluster(ClusterColour.Blue, host), Stage.Cluster(ClusterColour.Green, host), limit.Token);
        }
        catch (Exception error)
        {
            log.Write($"The rehearsal failed: {error.Message}");
        }
    }

    private async Task DecideAsync(ClusterLayout blue, ClusterLayout green, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(service.GuardDirectory, "stage");
        DurableFile.CreateFolder(folder);
        try
        {
            var staged = service with { Engine = "stage", GuardDirectory = folder };
            using var store = GuardStore.Open(folder);
            using var daemon = new GuardDaemon(store, new StagePlatform(platform, staged), staged, clock, new GuardLog(TextWriter.Null));
            await DecideAsync(daemon, new WindowPlan("there", "stage", Within, blue, green), cancellationToken);
            await DecideAsync(daemon, new WindowPlan("back", "stage", Within, green, blue), cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task DecideAsync(GuardDaemon daemon, WindowPlan plan, CancellationToken cancellationToken)
    {
        Node[] source = [plan.Source.Writer];
        Node[] target = [plan.Target.Writer];
        var lease = new GuardLease("stage", plan.UpgradeId, RunningProcess.Self, string.Empty, 0);
        var epoch = (await daemon.HandleAsync(new GuardRequest { Operation = GuardOperation.Acquire, Lease = lease }, cancellationToken)).Epoch;
        GuardRequest[] requests =
        [
            new() { Operation = GuardOperation.Arm, Plan = plan },
            new() { Operation = GuardOperation.Prepare, Nodes = source },
            new() { Operation = GuardOperation.Close, Nodes = source, WindowId = plan.WindowId },
            new() { Operation = GuardOperation.Probe, Nodes = source },
            new() { Operation = GuardOperation.Commit, WindowId = plan.WindowId },
            new() { Operation = GuardOperation.Probe, Nodes = target },
            new() { Operation = GuardOperation.Open, Nodes = target },
            new() { Operation = GuardOperation.Complete, WindowId = plan.WindowId },
        ];
        foreach (var request in requests)
            (await daemon.HandleAsync(request with { Epoch = epoch }, cancellationToken)).OrThrow();
    }
}
