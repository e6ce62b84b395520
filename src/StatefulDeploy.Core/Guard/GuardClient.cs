using System.Net.Sockets;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Guard;

/// <summary>A lease on a service, and the warm connection to its guard. Starts the guard if there is none, and again when it dies or hangs.</summary>
public sealed class GuardClient : IGuard
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ReleaseLimit = TimeSpan.FromSeconds(2);
    private static readonly ClusterLayout Nothing = new(ClusterColour.Blue, string.Empty, []);

    private readonly GuardClientOptions _options;
    private readonly IGuardWay _way;
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly GuardLease _lease;
    private GuardConnection? _connection;
    private Task _heartbeat = Task.CompletedTask;
    private IReadOnlyList<Node> _closed = [];
    private string? _windowId;
    private bool _released;

    private GuardClient(GuardClientOptions options)
    {
        _options = options;
        _way = IGuardWay.To(options);
        _lease = new GuardLease(Guid.NewGuid().ToString("N"), options.UpgradeId, RunningProcess.Self, Environment.MachineName, 0, IsElsewhere: options.Host is IRemoteHost);
    }

    /// <inheritdoc/>
    public long Epoch { get; private set; }

    /// <inheritdoc/>
    public CancellationToken LeaseLost => _lost.Token;

    /// <summary>Finds or starts the guard of a service on its writer's host, and takes the lease.</summary>
    /// <exception cref="UpgradeException">Somebody alive holds it (Busy), or the guard cannot be started.</exception>
    public static async Task<IGuard> ConnectAsync(IPlatform platform, ServiceDescription service, string upgradeId, CancellationToken cancellationToken)
    {
        var hosts = platform.CreateHosts(service);
        return await ConnectAsync(
            new GuardClientOptions
            {
                Service = service,
                OwnProgram = platform.OwnProgram,
                Host = hosts[service.Blue.Writer.Host],
                Hosts = hosts,
                CreateRouter = () => platform.CreateRouter(service),
                UpgradeId = upgradeId,
            },
            cancellationToken);
    }

    /// <summary>Finds or starts the guard of a service, and takes the lease.</summary>
    /// <exception cref="UpgradeException">Somebody alive holds it (Busy), or the guard cannot be started.</exception>
    public static async Task<GuardClient> ConnectAsync(GuardClientOptions options, CancellationToken cancellationToken)
    {
        var client = new GuardClient(options);
        try
        {
            await client._way.PrepareAsync(cancellationToken);
            await client.AcquireAsync(cancellationToken);
            client._heartbeat = client.BeatAsync();
            return client;
        }
        catch
        {
            client._released = true;
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes the lease (again), under an epoch above every earlier one.</summary>
    /// <exception cref="UpgradeException">Somebody else who is alive holds it.</exception>
    public async Task AcquireAsync(CancellationToken cancellationToken)
    {
        var reply = await CallAsync(new GuardRequest { Operation = GuardOperation.Acquire, Lease = _lease }, cancellationToken);
        Epoch = reply.Epoch;
    }

    /// <inheritdoc/>
    public async Task RehearseAsync(IReadOnlyList<Node> harmless, CancellationToken cancellationToken)
    {
        await RehearseAsync(TimeSpan.FromMilliseconds(300), WindowOutcome.Expired, harmless, cancellationToken);
        await RehearseAsync(TimeSpan.FromSeconds(30), WindowOutcome.Committed, harmless, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task ArmAsync(WindowPlan plan, CancellationToken cancellationToken)
    {
        new SecretStore(_options.Service).Keep(_options.Service.Admin, _options.Service.Client);
        await _way.PrepareAsync(cancellationToken);
        await CallAsync(Request(GuardOperation.Arm) with { Plan = plan, Service = _way.Service }, cancellationToken);
        _windowId = plan.WindowId;
        _closed = [];
    }

    /// <inheritdoc/>
    public Task PrepareGatesAsync(IReadOnlyList<Node> nodes, CancellationToken cancellationToken) =>
        CallAsync(Request(GuardOperation.Prepare) with { Nodes = nodes }, cancellationToken);

    /// <inheritdoc/>
    public async Task CloseGatesAsync(IReadOnlyList<Node> nodes, CancellationToken cancellationToken)
    {
        await CallAsync(Request(GuardOperation.Close) with { Nodes = nodes, WindowId = _windowId }, cancellationToken);
        _closed = nodes;
    }

    /// <inheritdoc/>
    public Task OpenGatesAsync(IReadOnlyList<Node> nodes, CancellationToken cancellationToken) =>
        CallAsync(Request(GuardOperation.Open) with { Nodes = nodes }, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, GateState>> ProbeGatesAsync(IReadOnlyList<Node> nodes, CancellationToken cancellationToken) =>
        (await CallAsync(Request(GuardOperation.Probe) with { Nodes = nodes }, cancellationToken)).States ?? new Dictionary<string, GateState>(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task ActAsync(GuardedAct act, EngineContext context, ClusterPosition? position, TimeSpan within, CancellationToken cancellationToken)
    {
        var request = new ActRequest(act, context.UpgradeId, context.Source, context.Target, position, within, context.Service);
        var reply = await CallAsync(Request(GuardOperation.Act) with { Act = request }, cancellationToken, within + _options.CallLimit);
        foreach (var told in reply.Events ?? [])
            context.Reporter.Report(told);
    }

    /// <inheritdoc/>
    public async Task<WindowOutcome> CommitAsync(string windowId, CancellationToken cancellationToken)
    {
        var request = Request(GuardOperation.Commit) with { WindowId = windowId };
        try
        {
            return (await CallAsync(request, cancellationToken)).Outcome;
        }
        catch (UpgradeException error) when (error.ErrorId == "SourceNotClosed" && _closed.Count > 0)
        {
            // A guard that was started since does not know what the one before it closed. The nodes have been closed ever since (nothing
            // but an outcome opens them), so what was read and drained meanwhile holds: it only has to see for itself.
            await CloseGatesAsync(_closed, cancellationToken);
            return (await CallAsync(request, cancellationToken)).Outcome;
        }
    }

    /// <inheritdoc/>
    public async Task<WindowOutcome> ExpireAsync(string windowId, CancellationToken cancellationToken) =>
        (await CallAsync(Request(GuardOperation.Expire) with { WindowId = windowId }, cancellationToken)).Outcome;

    /// <inheritdoc/>
    public async Task<WindowOutcome> RevertAsync(string windowId, CancellationToken cancellationToken)
    {
        // A commit is reverted under a higher epoch than its own: whoever acted on it is refused from here on.
        await AcquireAsync(cancellationToken);
        return (await CallAsync(Request(GuardOperation.Revert) with { WindowId = windowId }, cancellationToken)).Outcome;
    }

    /// <inheritdoc/>
    public async Task<WindowStatus?> GetWindowAsync(CancellationToken cancellationToken)
    {
        var reply = await CallAsync(Request(GuardOperation.Status), cancellationToken);
        var window = reply.Window;
        if (window is null || (window.Plan.Source.Shards.Count == 0 && window.Plan.Target.Shards.Count == 0))
            return null;

        _windowId = window.Plan.WindowId;
        return window with { Deadline = DateTimeOffset.UtcNow + reply.Remaining };
    }

    /// <inheritdoc/>
    public async Task CompleteAsync(string windowId, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.CallLimit);
        while (true)
        {
            try
            {
                await CallAsync(Request(GuardOperation.Complete) with { WindowId = windowId }, cancellationToken);
                return;
            }
            catch (UpgradeException error) when (error.ErrorId == "WindowNotSettled" && !limit.IsCancellationRequested)
            {
                await Task.Delay(20, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        await _ended.CancelAsync();
        await _heartbeat;
        if (!_lost.IsCancellationRequested)
        {
            await CallAsync(Request(GuardOperation.Release), cancellationToken);
            await _way.ForgetAsync(cancellationToken);
        }

        _released = true;
    }

    /// <summary>Ends the heartbeat and gives the lease back if that is quickly done. A guard with an armed window goes on watching it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _heartbeat;
        if (_connection is { IsBroken: false } connection && !_released && !_lost.IsCancellationRequested)
        {
            using var limit = new CancellationTokenSource(ReleaseLimit);
            Task releasing = connection.AskAsync(Request(GuardOperation.Release), limit.Token);
            await releasing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (_connection is not null)
            await _connection.DisposeAsync();

        _connecting.Dispose();
        _ended.Dispose();
        _lost.Dispose();
    }

    private GuardRequest Request(GuardOperation operation) => new() { Operation = operation, Epoch = Epoch };

    private async Task RehearseAsync(TimeSpan deadline, WindowOutcome expected, IReadOnlyList<Node> harmless, CancellationToken cancellationToken)
    {
        var id = $"{_options.UpgradeId}-rehearsal-{Guid.NewGuid().ToString("N")[..8]}";
        await ArmAsync(new WindowPlan(id, _options.UpgradeId, deadline, Nothing, Nothing), cancellationToken);
        await CloseGatesAsync(harmless, cancellationToken);
        await ProbeGatesAsync(harmless, cancellationToken);
        if (expected == WindowOutcome.Committed)
            await CommitAsync(id, cancellationToken);
        else
            await Task.Delay(deadline, cancellationToken);

        var found = WindowOutcome.Undecided;
        for (var began = Environment.TickCount64; found == WindowOutcome.Undecided && Environment.TickCount64 - began < _options.HangLimit.TotalMilliseconds; await Task.Delay(10, cancellationToken))
            found = (await CallAsync(Request(GuardOperation.Status), cancellationToken)).Outcome;

        if (found != expected)
            throw Unproved(id, expected, found);

        await OpenGatesAsync([], cancellationToken);
        await CompleteAsync(id, cancellationToken);
        _windowId = null;
    }

    private UpgradeException Unproved(string id, WindowOutcome expected, WindowOutcome found) => new(
        "RehearsalFailed",
        $"The rehearsed window {id} should be {expected} by now, and is {found}.",
        $"Nothing was touched. Read '{Path.Combine(_options.Service.GuardDirectory, "guard.log")}'.") { Target = id };

    private async Task BeatAsync()
    {
        using var timer = new PeriodicTimer(_options.Heartbeat);
        while (!_lost.IsCancellationRequested && await TickAsync(timer))
        {
            try
            {
                await CallAsync(Request(GuardOperation.Renew), _ended.Token);
            }
            catch (Exception error) when (error is UpgradeException or OperationCanceledException)
            {
                // A lease that somebody else has is told by LeaseLost, a guard that cannot be started by the next call that needs it.
            }
        }
    }

    private async Task<bool> TickAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_ended.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Asks until there is an answer. Every request can be made twice, so one whose answer was lost is simply made again.</summary>
    private async Task<GuardReply> CallAsync(GuardRequest request, CancellationToken cancellationToken, TimeSpan? within = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(within ?? _options.CallLimit);
        try
        {
            while (true)
            {
                var connection = await ConnectedAsync(limit.Token);
                if (await TryAskAsync(connection, request, limit.Token) is { } reply)
                    return Check(reply);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new UpgradeException(
                "GuardTimeout",
                $"The guard of service '{_options.Service.Name}' did not answer '{request.Operation}' within {(within ?? _options.CallLimit).TotalSeconds:0.#} s: whether it was done is unknown.",
                $"Read '{Path.Combine(_options.Service.GuardDirectory, "guard.log")}', then resume the upgrade.",
                FailureCategory.Timeout);
        }
    }

    /// <returns>Null when the connection broke or the guard hangs, and a new connection must be made.</returns>
    private async Task<GuardReply?> TryAskAsync(GuardConnection connection, GuardRequest request, CancellationToken cancellationToken)
    {
        var asking = connection.AskAsync(request, cancellationToken);
        while (true)
        {
            try
            {
                return await asking.WaitAsync(Patience, cancellationToken);
            }
            catch (TimeoutException)
            {
                // Some acts take their time; a guard that lives says so on another connection.
                if (!await _way.AnswersAsync(connection, cancellationToken))
                    break;
            }
            catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
            {
                break;
            }
        }

        await DropAsync(connection);
        return null;
    }

    private GuardReply Check(GuardReply reply)
    {
        if (reply.Category == FailureCategory.StaleEpoch && reply.ErrorId is not null)
            _lost.Cancel();

        return reply.OrThrow();
    }

    private async Task<GuardConnection> ConnectedAsync(CancellationToken cancellationToken)
    {
        if (_connection is { IsBroken: false } warm)
            return warm;

        await _connecting.WaitAsync(cancellationToken);
        try
        {
            if (_connection is { IsBroken: false } made)
                return made;

            if (_connection is not null)
                await _connection.DisposeAsync();

            return _connection = await _way.ConnectAsync(cancellationToken);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private async Task DropAsync(GuardConnection connection)
    {
        await _connecting.WaitAsync(CancellationToken.None);
        try
        {
            if (ReferenceEquals(_connection, connection))
                _connection = null;
        }
        finally
        {
            _connecting.Release();
        }

        await connection.DisposeAsync();
    }
}
