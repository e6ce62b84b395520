using System.Collections.Concurrent;
using StatefulDeploy.Contracts;
using StatefulDeploy.Guard;
using StatefulDeploy.Model;

namespace StatefulDeploy.Routers.Instances;

/// <summary>
/// A router of any number of processes that are not ours. All of them hold or none does; every one names the target before any goes on. One
/// that died within the window is pointed at the target for when it comes back; one that cannot be is named, after the others have gone on.
/// </summary>
public sealed class InstancesRouter : IRouter
{
    private static readonly TimeSpan LetGoWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StartsWithin = TimeSpan.FromMilliseconds(500);

    private readonly IReadOnlyList<IRouterInstance> _instances;
    private readonly RouterStateFile _state;
    private readonly Func<CancellationToken, Task> _rehearse;

    // Of this window: where the instances were pointed to, which of them could not be, and which are not there.
    private readonly ConcurrentDictionary<IRouterInstance, UpgradeException> _left = new();
    private readonly ConcurrentDictionary<IRouterInstance, bool> _gone = new();
    private (NodeEndpoint Target, long Epoch)? _routed;

    internal InstancesRouter(string kind, RouterPromise promise, string stateFolder, IReadOnlyList<IRouterInstance> instances, Func<CancellationToken, Task> rehearse)
    {
        Kind = kind;
        Promise = promise;
        _instances = instances;
        _rehearse = rehearse;
        _state = new RouterStateFile(stateFolder, kind);
    }

    /// <inheritdoc/>
    public string Kind { get; }

    /// <inheritdoc/>
    public RouterPromise Promise { get; }

    /// <inheritdoc/>
    public async Task<RouterStatus> GetStatusAsync(CancellationToken cancellationToken)
    {
        var (all, failed) = await AskAllAsync(instance => instance.GetStatusAsync(cancellationToken));
        if (all.Count == 0)
            throw failed[0];

        var target = string.Join(", ", all.Select(status => status.Target).Distinct(StringComparer.Ordinal));
        var state = await _state.ReadAsync(cancellationToken);
        return new RouterStatus(target, target, state.Holding, state.Epoch, all.Sum(status => status.Sessions), all.Sum(status => status.Waiting));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Source.Shards.Count != 1)
            return [Finding.Refuse("RouterOneShard", Kind, $"A {Kind} stands before one writer, and the service has {context.Source.Shards.Count} shards.", "Describe each shard as a service of its own, with its own router.")];

        var findings = await Task.WhenAll(_instances.Select(instance => InspectAsync(instance, context.Source.Writer.Endpoint, cancellationToken)));
        return [.. findings.SelectMany(found => found)];
    }

    /// <inheritdoc/>
    public Task RehearseAsync(CancellationToken cancellationToken) => _rehearse(cancellationToken);

    /// <inheritdoc/>
    public Task PrepareAsync(RouterTargets target, long epoch, CancellationToken cancellationToken)
    {
        _left.Clear();
        _routed = null;
        return Task.WhenAll(_instances.Select(instance => instance.PrepareAsync(Writer(target), cancellationToken)));
    }

    /// <inheritdoc/>
    public async Task HoldAsync(HoldLimits limits, long epoch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(limits);
        await _state.NoteAsync(epoch, holding: true, cancellationToken);
        try
        {
            var held = await Task.WhenAll(_instances.Select(instance => HoldAsync(instance, limits, cancellationToken)));
            if (held.All(gone => gone is not null))
                throw held[0]!;
        }
        catch
        {
            await Task.WhenAll(_instances.Select(LetGoAsync));
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task RouteReadsAsync(RouterTargets target, long epoch, CancellationToken cancellationToken)
    {
        // What goes on after this goes to the target, also after a restart of the router.
        await _state.NoteAsync(epoch, holding: true, cancellationToken);
        await RouteAsync(Writer(target), epoch, cancellationToken);
    }

    /// <inheritdoc/>
    public Task SwitchAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) => ResumeAsync(Writer(target), epoch, cancellationToken);

    /// <inheritdoc/>
    public Task ReleaseAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) => ResumeAsync(Writer(target), epoch, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _instances)
            await instance.DisposeAsync();
    }

    private static NodeEndpoint Writer(RouterTargets target) => target.ByShard.Count == 1
        ? target.ByShard.Values.Single()
        : throw new UpgradeException("RouterOneShard", $"This router stands before one writer, and {target.ByShard.Count} were named.", "Use one a shard.", FailureCategory.InvalidInput);

    private static async Task<IReadOnlyList<Finding>> InspectAsync(IRouterInstance instance, NodeEndpoint writer, CancellationToken cancellationToken)
    {
        try
        {
            return await instance.InspectAsync(writer, cancellationToken);
        }
        catch (UpgradeException exception)
        {
            return [Finding.Refuse(exception.ErrorId, instance.Name, exception.Message, exception.RecommendedAction)];
        }
    }

    // Null when it holds. One that has died holds nobody up and lets nobody through; it must only be possible to point it elsewhere.
    private static async Task<UpgradeException?> HoldAsync(IRouterInstance instance, HoldLimits limits, CancellationToken cancellationToken)
    {
        try
        {
            await instance.HoldAsync(limits, cancellationToken);
            return null;
        }
        catch (UpgradeException exception) when (exception.Category == FailureCategory.Unreachable)
        {
            await instance.ProveConfigurableAsync(cancellationToken);
            return exception;
        }
    }

    // Whatever could not be let go here is let go by whoever takes the window back.
    private static async Task LetGoAsync(IRouterInstance instance)
    {
        using var bounded = new CancellationTokenSource(LetGoWithin);
        try
        {
            await instance.ResumeAsync(bounded.Token);
        }
        catch (Exception exception) when (exception is UpgradeException or OperationCanceledException)
        {
            // Told by the failure that brought us here.
        }
    }

    private async Task ResumeAsync(NodeEndpoint target, long epoch, CancellationToken cancellationToken)
    {
        await _state.NoteAsync(epoch, holding: true, cancellationToken);
        if (_routed != (target, epoch) || !_left.IsEmpty)
            await RouteAsync(target, epoch, cancellationToken);

        await Task.WhenAll(_instances.Except(_left.Keys).Select(instance => instance.ResumeAsync(cancellationToken)));
        await RouteReturnedAsync(target, cancellationToken);
        await Task.WhenAll(_instances.Except(_left.Keys).Select(instance => instance.SettleAsync(cancellationToken)));
        if (!_left.IsEmpty)
        {
            throw new UpgradeException(
                "RouterLeftBehind",
                $"{_left.Count} of {_instances.Count} {Kind} could not be pointed at {target}: {string.Join("; ", _left.Select(pair => $"{pair.Key.Name}: {pair.Value.Message}"))} The others have gone on there.",
                "Its clients reach nothing until it is mended. Start it, or make its configuration file writable, then resume the upgrade.",
                FailureCategory.Unreachable) { Target = _left.Keys.First().Name };
        }

        await _state.NoteAsync(epoch, holding: false, cancellationToken);
    }

    private async Task RouteAsync(NodeEndpoint target, long epoch, CancellationToken cancellationToken)
    {
        _left.Clear();
        _gone.Clear();
        await Task.WhenAll(_instances.Select(async instance =>
        {
            try
            {
                if (!await instance.RouteAsync(target, cancellationToken))
                    _gone[instance] = true;
            }
            catch (UpgradeException exception)
            {
                _left[instance] = exception;
            }
        }));
        _routed = (target, epoch);
        if (_left.Count == _instances.Count)
            throw _left[_instances[0]];
    }

    // One that was being started had read its old configuration before we changed it, and listened only afterwards.
    private async Task RouteReturnedAsync(NodeEndpoint target, CancellationToken cancellationToken)
    {
        if (_gone.IsEmpty)
            return;

        await Task.Delay(StartsWithin, cancellationToken);
        await Task.WhenAll(_gone.Keys.Select(async instance =>
        {
            try
            {
                await instance.RouteAsync(target, cancellationToken);
            }
            catch (UpgradeException exception)
            {
                _left[instance] = exception;
            }
        }));
    }

    private async Task<(IReadOnlyList<T> Answers, IReadOnlyList<UpgradeException> Failures)> AskAllAsync<T>(Func<IRouterInstance, Task<T>> ask)
    {
        var answers = new ConcurrentBag<T>();
        var failures = new ConcurrentBag<UpgradeException>();
        await Task.WhenAll(_instances.Select(async instance =>
        {
            try
            {
                answers.Add(await ask(instance));
            }
            catch (UpgradeException exception)
            {
                failures.Add(exception);
            }
        }));
        return ([.. answers], [.. failures]);
    }
}
