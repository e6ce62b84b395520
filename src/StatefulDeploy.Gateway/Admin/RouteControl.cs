using System.Text.Json.Nodes;
using StatefulDeploy.Gateway.Routing;
using StatefulDeploy.Gateway.Sessions;
using StatefulDeploy.Model;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Gateway.Admin;

/// <summary>The changes of the route: each is checked against the epoch, stored, told to the sessions, and waited for.</summary>
internal sealed class RouteControl : IAsyncDisposable
{
    private static readonly TimeSpan MoveWithin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(1);

    // Garnet (2.2.2 to 2.2.8) answers a push before it hands the element to who waits for it, and loses the element if the wait is ended in between
    // (302 of 6,314; none of 5,997 after AwaitDeliveryAsync). From the hold on no session sends a write; this long after the last answer, what was
    // sent before the hold is known to the server even where it is short of time.
    private static readonly TimeSpan DeliveredWithin = TimeSpan.FromMilliseconds(25);

    private readonly GatewayServer _server;
    private readonly RouteStore _store;
    private readonly ControlChannel _control;
    private readonly GatewayAccount _account;
    private readonly BlockedWaits _waits;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ITimer _deadline;

    public RouteControl(GatewayServer server, RouteStore store, ControlChannel control, TimeProvider clock)
    {
        _server = server;
        _store = store;
        _control = control;
        _account = new GatewayAccount(server, control);
        _waits = new BlockedWaits(server, control);
        _clock = clock;
        _deadline = clock.CreateTimer(_ => _ = ExpireAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        server.Scripts.Added = script => _ = _account.LoadOnPreparedAsync([script]);
    }

    /// <summary>Holds that ended by themselves since the start.</summary>
    public long Expired { get; private set; }

    /// <summary>Why the gateway's own account does not work on the server it needs next; null if it does, as far as is known.</summary>
    public string? ControlError => _account.Error;

    /// <summary>How much time the hold has left; null when there is none.</summary>
    public long? HoldLeftMs => _server.Route.Hold is { } hold ? Math.Max(0, hold.DeadlineMs - Elapsed(hold)) : null;

    /// <summary>After a restart: a hold that was on ends when it would have ended.</summary>
    public void Resume()
    {
        Schedule(_server.Route.Hold);
        _ = _account.ProbeAtStartAsync();
    }

    public async Task<JsonObject> PrepareAsync(long epoch, NodeEndpoint target, TimeSpan within, CancellationToken cancellationToken)
    {
        using (await TurnAsync(epoch, cancellationToken))
        {
            var route = _server.Route;
            Store(route with { Epoch = epoch, Prepared = target == route.Current ? null : target });
        }

        var refused = await _account.PrepareAsync(target, cancellationToken);
        var wait = _server.Await(SessionGoal.Prepared);
        await FinishAsync(wait, within, cancellationToken);
        return new JsonObject { ["notReady"] = wait.Left, ["scriptsRefused"] = refused, ["controlError"] = ControlError };
    }

    public async Task<JsonObject> HoldAsync(long epoch, HoldRequest request, CancellationToken cancellationToken)
    {
        Route route;
        using (await TurnAsync(epoch, cancellationToken))
        {
            route = _server.Route;
            if (route.Phase == RoutePhase.Reads)
                throw new AdminException("WrongPhase", "Reads have gone over already: switch or release first.");

            // Asked again in the same attempt, it goes on with the time it has left.
            if (route.Phase == RoutePhase.Open || route.Epoch < epoch)
                route = route with { Phase = RoutePhase.Holding, Hold = Begin(request) };

            route = route with { Epoch = epoch, TransactionsGoOn = true };
            Store(route);
            Schedule(route.Hold);
        }

        var unmet = await DrainAsync(route, request, cancellationToken);
        if (unmet == 0)
            return new JsonObject { ["holdLeftMs"] = HoldLeftMs };

        await UndoHoldAsync(route);
        throw new AdminException("DrainTimeout", $"Writes of {unmet} clients were not answered within {request.DrainMs} ms. The hold was released.");
    }

    public async Task<JsonObject> RouteReadsAsync(long epoch, NodeEndpoint target, CancellationToken cancellationToken)
    {
        NodeEndpoint old;
        using (await TurnAsync(epoch, cancellationToken))
        {
            var route = _server.Route;
            old = route.Current;
            if (route.Phase == RoutePhase.Open)
                return route.Target == target ? StoreEpoch(epoch) : throw new AdminException("NotHolding", "Writes are not held: the hold has ended.");

            // Told first and stored then: as long as it is not answered, nobody may count on either.
            Switch(route, route with { Epoch = epoch, Phase = RoutePhase.Reads, ReadTarget = target, TransactionsGoOn = false });
        }

        return new JsonObject { ["notMoved"] = await MoveAsync(old, cancellationToken) };
    }

    public async Task<JsonObject> SwitchAsync(long epoch, NodeEndpoint target, CancellationToken cancellationToken)
    {
        NodeEndpoint old;
        using (await TurnAsync(epoch, cancellationToken))
        {
            var route = _server.Route;
            old = route.Current;
            if (route.Phase == RoutePhase.Open && route.Target == target)
                return StoreEpoch(epoch);

            var switched = new Route { Target = target, Epoch = epoch };
            if (route.Phase == RoutePhase.Reads && route.ReadTarget == target)
            {
                // What is stored leads to the target already, should we die before this is.
                Switch(route, switched);
            }
            else
            {
                _store.Save(switched);
                if (route.Phase != RoutePhase.Open)
                    await MoveBeforeOpeningAsync(route with { Epoch = epoch, Phase = RoutePhase.Reads, ReadTarget = target, TransactionsGoOn = false }, cancellationToken);

                _server.Apply(switched);
            }

            Schedule(null);
        }

        return new JsonObject { ["notMoved"] = await MoveAsync(old, cancellationToken) };
    }

    public async Task<JsonObject> ReleaseAsync(long epoch, NodeEndpoint? target, CancellationToken cancellationToken)
    {
        using (await TurnAsync(epoch, cancellationToken))
        {
            var route = _server.Route;
            Switch(route, Released(route, target ?? route.Target) with { Epoch = epoch });
            Schedule(null);
        }

        return [];
    }

    public async ValueTask DisposeAsync()
    {
        await _deadline.DisposeAsync();
        _turn.Dispose();
        _waits.Dispose();
    }

    private static Route Released(Route route, NodeEndpoint target) => new()
    {
        Target = target,
        Epoch = route.Epoch,
        Prepared = route.Prepared == target ? null : route.Prepared,
    };

    private async Task<Turn> TurnAsync(long epoch, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        var known = _server.Route.Epoch;
        if (epoch >= known)
            return new Turn(_turn);

        _turn.Release();
        throw new AdminException("StaleEpoch", $"Epoch {epoch} is older than {known}: somebody else has taken over.");
    }

    /// <summary>Stores first, then tells the sessions.</summary>
    private void Store(Route route)
    {
        _store.Save(route);
        _server.Apply(route);
    }

    /// <summary>Tells the sessions first, to save the time that the disk takes; undone if it cannot be stored.</summary>
    private void Switch(Route from, Route to)
    {
        _server.Apply(to);
        try
        {
            _store.Save(to);
        }
        catch
        {
            _server.Apply(from);
            throw;
        }
    }

    private JsonObject StoreEpoch(long epoch)
    {
        if (_server.Route.Epoch < epoch)
            Store(_server.Route with { Epoch = epoch });

        return new JsonObject { ["notMoved"] = 0 };
    }

    private Hold Begin(HoldRequest request) => new()
    {
        StartedAt = _clock.GetUtcNow().ToUnixTimeMilliseconds(),
        StartedTicks = Environment.TickCount64,
        Boot = RunningProcess.BootId,
        DeadlineMs = request.DeadlineMs,
        RequestLimitMs = request.RequestLimitMs,
        MaxBytes = request.MaxBytes,
        DrainMs = request.DrainMs,
    };

    private long Elapsed(Hold hold) => hold.ElapsedMs(_clock.GetUtcNow().ToUnixTimeMilliseconds(), Environment.TickCount64, RunningProcess.BootId);

    private void Schedule(Hold? hold) => _deadline.Change(
        hold is null ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Max(1, hold.DeadlineMs - Elapsed(hold))),
        Timeout.InfiniteTimeSpan);

    /// <summary>Waits until no write is in flight; ends what waits on the server, and open transactions that take too long.</summary>
    /// <returns>How many sessions have not come to it.</returns>
    private async Task<int> DrainAsync(Route route, HoldRequest request, CancellationToken cancellationToken)
    {
        var wait = _server.Await(SessionGoal.Drained);
        var began = _clock.GetTimestamp();
        var lastWrite = began;
        var transactionsGoOn = true;
        while (!wait.Done.IsCompleted && _clock.GetElapsedTime(began).TotalMilliseconds < request.DrainMs)
        {
            if (!ReferenceEquals(_server.Route.Hold, route.Hold))
                throw Superseded(wait);

            if (transactionsGoOn && _clock.GetElapsedTime(began).TotalMilliseconds >= request.TransactionGraceMs)
                transactionsGoOn = await EndGraceAsync(route, cancellationToken);

            if (_server.Sessions.Any(session => session.IsWriting()))
                lastWrite = _clock.GetTimestamp();
            else if (!_control.DeliversLate(route.Target) || _clock.GetElapsedTime(lastWrite) >= DeliveredWithin)
                await _waits.EndAsync(SessionGoal.Drained, route.Target, cancellationToken);

            await Task.WhenAny(wait.Done, Task.Delay(AskEvery, _clock, cancellationToken));
        }

        if (!wait.Done.IsCompleted)
            _server.Forget(wait);

        return wait.Done.IsCompleted ? 0 : wait.Left;
    }

    private AdminException Superseded(SessionWait wait)
    {
        _server.Forget(wait);
        return new AdminException("Superseded", "The hold was ended while it was being made.");
    }

    private async Task<bool> EndGraceAsync(Route route, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (ReferenceEquals(_server.Route.Hold, route.Hold) && _server.Route.Phase == RoutePhase.Holding)
                _server.Apply(_server.Route with { TransactionsGoOn = false });

            return false;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task UndoHoldAsync(Route route)
    {
        await _turn.WaitAsync();
        try
        {
            if (!ReferenceEquals(_server.Route.Hold, route.Hold))
                return;

            Switch(_server.Route, Released(_server.Route, route.Target));
            Schedule(null);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Subscribers first: what was held and is published on the new server must find them there.</summary>
    private async Task MoveBeforeOpeningAsync(Route reads, CancellationToken cancellationToken)
    {
        var old = _server.Route.Current;
        _server.Apply(reads);
        await MoveAsync(old, cancellationToken);
    }

    /// <summary>Waits until all sessions have left a server.</summary>
    /// <returns>How many have not: none of them sends anything there any more.</returns>
    private async Task<int> MoveAsync(NodeEndpoint old, CancellationToken cancellationToken)
    {
        var wait = _server.Await(SessionGoal.Moved);
        var began = _clock.GetTimestamp();
        while (!wait.Done.IsCompleted && _clock.GetElapsedTime(began) < MoveWithin)
        {
            await _waits.EndAsync(SessionGoal.Moved, old, cancellationToken);
            await Task.WhenAny(wait.Done, Task.Delay(AskEvery, _clock, cancellationToken));
        }

        _server.Forget(wait);
        return wait.Left;
    }

    private async Task FinishAsync(SessionWait wait, TimeSpan within, CancellationToken cancellationToken)
    {
        await Task.WhenAny(wait.Done, Task.Delay(within, _clock, cancellationToken));
        _server.Forget(wait);
    }

    /// <summary>The hold ends by itself: back to the target, or on to the one that reads have gone over to, since that was decided then.</summary>
    private async Task ExpireAsync()
    {
        await _turn.WaitAsync();
        try
        {
            var route = _server.Route;
            if (route.Hold is not { } hold)
                return;

            if (hold.DeadlineMs - Elapsed(hold) > 0)
            {
                Schedule(hold);
                return;
            }

            Expired++;
            var open = Released(route, route.Current);
            _server.Apply(open);
            _store.Save(open);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Writes flow again, which matters most. A restart reads the old hold, and sees that its time is over.
        }
        finally
        {
            _turn.Release();
        }
    }

    private readonly struct Turn(SemaphoreSlim semaphore) : IDisposable
    {
        public void Dispose() => semaphore.Release();
    }
}
