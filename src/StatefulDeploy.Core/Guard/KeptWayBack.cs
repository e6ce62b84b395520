using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;
using StatefulDeploy.Reuse;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Guard;

/// <summary>The keeper's care for the way back: a relay, which is a process of ours, is started again when it has died. Servers that follow each other need nobody for it.</summary>
internal sealed class KeptWayBack(KeeperOptions options, IPlatform platform, IJournalStore journals, KeptGuard guard, GuardLog log)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);
    private TimeSpan _pause = Look;
    private long _lookedAt;
    private bool _ended;
    private bool _keeps;

    /// <summary>Looks at the relay, not more often than is useful, and starts it again.</summary>
    /// <returns>Whether there is a way back to keep.</returns>
    public async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        if (_ended || (_lookedAt != 0 && Environment.TickCount64 - _lookedAt < _pause.TotalMilliseconds))
            return _keeps;

        _keeps = await KeepAsync(cancellationToken);
        _lookedAt = Environment.TickCount64;
        return _keeps;
    }

    private async Task<bool> KeepAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await FindAsync(cancellationToken) is not { } state)
                return false;

            await MendAsync(ContextFor(state), state.Fact<ClusterPosition>(FactName.Reverse), cancellationToken);
            _pause = Look;
        }
        catch (Exception error) when (Failures.IsOfTheWorld(error) && !cancellationToken.IsCancellationRequested)
        {
            log.Write($"The way back does not run, and could not be started: {error.Message}");
            _pause = _pause * 2 < MostPause ? _pause * 2 : MostPause;
        }

        return !_ended;
    }

    /// <summary>The upgrade while blue follows green through a relay and nobody is about to end that; null otherwise.</summary>
    private async Task<UpgradeState?> FindAsync(CancellationToken cancellationToken)
    {
        if (await journals.FindAsync(options.UpgradeId, cancellationToken) is not { } entries)
            return null;

        var state = UpgradeState.Of(options.UpgradeId, entries);
        return state is { Ended: false, Live: ClusterColour.Green } && (state.Goal is null || state.LastStep == StepName.Soak)
            && state.Fact(FactName.FollowsBack) == bool.TrueString && state.Fact<WayBack>(FactName.WayBack)?.Kind == WayBackKind.Relay
            ? state
            : null;
    }

    private async Task MendAsync(EngineContext context, ClusterPosition? from, CancellationToken cancellationToken)
    {
        var status = await platform.FindEngine(context.Service.Engine).Replicator.GetStatusAsync(context, cancellationToken);
        if (status.IsFinal)
        {
            log.Write($"There is no way back any more: {status.Message}");
            _ended = true;
        }
        else if (status.State is ReplicationState.Broken or ReplicationState.None)
        {
            log.Write($"The way back does not run: {status.Message}");
            await guard.ActAsync(new ActRequest(GuardedAct.StartReplication, options.UpgradeId, context.Source, context.Target, from, StartLimit, context.Service), cancellationToken);
            log.Write("The way back was started again.");
        }
    }

    private EngineContext ContextFor(UpgradeState state)
    {
        var service = platform.ReadService(options.ServiceFile);
        var (blue, green) = (state.Fact<ClusterLayout>(FactName.Blue) ?? service.Blue, state.Fact<ClusterLayout>(FactName.Green)!);
        return new EngineContext
        {
            Service = service,
            Source = ReusedLayout.WithoutLast(blue, green, service),
            Target = ReusedLayout.Staying(blue, green, service),
            UpgradeId = options.UpgradeId,
            Hosts = platform.CreateHosts(service),
            Secrets = platform.CreateSecrets(service),
            OwnProgram = platform.OwnProgram,
            Reporter = new LogReporter(log),
        };
    }
}
