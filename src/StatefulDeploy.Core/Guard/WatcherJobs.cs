using System.Collections.Concurrent;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard;

/// <summary>The watcher's duties under way: each goes on until it is done or no longer called for, and none waits for another's node.</summary>
internal sealed class WatcherJobs(GuardDaemon daemon, WindowRouter router, GuardLog log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RouterPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WriterPatience = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Task> _running = new(StringComparer.Ordinal);

    public int Count => _running.Count;

    /// <summary>Begins a duty, unless it is under way. Called by whoever holds the guard's turn.</summary>
    public void Begin(Duty duty)
    {
        var decision = daemon.State.Window!.Decision!;
        var (name, run) = duty switch
        {
            Duty.OpenNode open => (RegisterState.KeyOf(open.Node), (Func<Task>)(() => OpenAsync(open.Node, decision))),
            Duty.ReleaseRouter => (nameof(Duty.ReleaseRouter), () => ReleaseAsync(decision)),
            _ => (nameof(Duty.GoForward), () => GoForwardAsync(decision)),
        };
        name = $"{decision.WindowId} {decision.Generation} {name}";
        if (_running.TryAdd(name, Task.CompletedTask))
            _running[name] = RunAsync(name, run);
    }

    private async Task RunAsync(string name, Func<Task> run)
    {
        await Task.Yield();
        try
        {
            await run();
        }
        catch (Exception error)
        {
            // It is called for as long as it is not done: the next look begins it anew.
            log.Write($"{name}: {error.Message}");
        }
        finally
        {
            _running.TryRemove(name, out _);
        }
    }

    private async Task OpenAsync(Node node, WindowDecision decision)
    {
        for (var pause = Pause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                if (await daemon.ActIfAsync(state => MustOpen(state, node, decision), GuardOperation.Open, node, CancellationToken.None) is not null)
                    await daemon.ChangeAsync(state => RegisterRules.NoteOpened(state, decision.WindowId, node), CancellationToken.None);

                return;
            }
            catch (UpgradeException)
            {
                // Its lane has told why. A node that restarts answers again.
            }

            await Task.Delay(pause);
        }
    }

    private static bool MustOpen(RegisterState state, Node node, WindowDecision decision) =>
        state.Window is { } window && window.Decision == decision && !window.Opened.Contains(RegisterState.KeyOf(node));

    private async Task ReleaseAsync(WindowDecision decision)
    {
        if (daemon.State.Window is not { } window)
            return;

        // Held writes that go on to a node still closed fail: wait for the writers, but not for one that is down.
        await WaitForWritersAsync(window.Plan.Source, decision, WriterPatience);
        await RouteAsync(decision, window.Plan.Source, "Releasing the router", (way, targets, epoch, token) => way.ReleaseAsync(targets, epoch, token), Timeout.InfiniteTimeSpan);
    }

    private async Task GoForwardAsync(WindowDecision decision)
    {
        if (daemon.State.Window is not { } window)
            return;

        // Once an opening has begun the commit stands for ever. A target that is dead is left to whoever may decide for the source after all.
        if (!window.TargetOpened && !await CanReachAsync(window.Plan.Target, decision))
        {
            await Task.Delay(LongestPause);
            return;
        }

        await RouteAsync(decision, window.Plan.Target, "Routing reads to the target", (way, targets, epoch, token) => RouteReadsAsync(way, window.Plan.Target, targets, epoch, token), RouterPatience, last: false);
        await daemon.ChangeAsync(state => state.Window?.Decision == decision ? RegisterRules.BeginOpening(state) : state, CancellationToken.None);
        await WaitForWritersAsync(window.Plan.Target, decision, Timeout.InfiniteTimeSpan);
        await RouteAsync(decision, window.Plan.Target, "Switching the router", (way, targets, epoch, token) => way.SwitchAsync(targets, epoch, token), Timeout.InfiniteTimeSpan);
    }

    private async Task RouteReadsAsync(IRouter way, ClusterLayout target, RouterTargets targets, long epoch, CancellationToken cancellationToken)
    {
        await WindowHold.RenewAsync(way, target, daemon.Service.Limits, epoch, cancellationToken);
        await way.RouteReadsAsync(targets, epoch, cancellationToken);
    }

    private async Task<bool> CanReachAsync(ClusterLayout target, WindowDecision decision)
    {
        foreach (var node in target.Primaries)
        {
            var found = await daemon.ActIfAsync(state => state.Window?.Decision == decision, GuardOperation.Probe, node, CancellationToken.None);
            if (found is null or GateState.Unreachable)
            {
                log.Write($"{node} cannot be reached; nothing is opened yet.");
                return false;
            }
        }

        return true;
    }

    private async Task WaitForWritersAsync(ClusterLayout cluster, WindowDecision decision, TimeSpan within)
    {
        for (var began = Environment.TickCount64; within == Timeout.InfiniteTimeSpan || Environment.TickCount64 - began < within.TotalMilliseconds; await Task.Delay(5))
        {
            if (daemon.State.Window is not { } window || window.Decision != decision
                || cluster.Primaries.All(node => window.Opened.Contains(RegisterState.KeyOf(node))))
                return;
        }
    }

    private async Task RouteAsync(WindowDecision decision, ClusterLayout cluster, string what, Func<IRouter, RouterTargets, long, CancellationToken, Task> act, TimeSpan within, bool last = true)
    {
        var limit = within == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : within;
        var done = cluster.Shards.Count == 0 || await router.TryAsync(
            daemon.Service, what, (way, token) => act(way, RouterTargets.Of(cluster), daemon.State.Epoch, token), () => daemon.State.Window?.Decision == decision, limit, CancellationToken.None);
        if (done && last)
            await daemon.ChangeAsync(state => RegisterRules.NoteRouted(state, decision), CancellationToken.None);
    }
}
