using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard;

/// <summary>
/// The one process that closes and opens the nodes of a service: the epoch register, the watcher, and the hands of both. Requests are
/// decided one at a time, by <see cref="RegisterRules"/>; what was decided is on disk before a node hears of it.
/// </summary>
internal sealed class GuardDaemon : IDisposable
{
    private readonly GuardStore _store;
    private readonly IPlatform _platform;
    private readonly GuardLog _log;
    private readonly LeaseWatch _lease;
    private readonly ServiceDescription _service;
    private readonly NodeLanes _lanes;
    private readonly GuardRehearsal _rehearsal;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly WatcherJobs _jobs;
    private RegisterState _state;

    public GuardDaemon(GuardStore store, IPlatform platform, ServiceDescription service, GuardClock clock, GuardLog log)
    {
        _store = store;
        _platform = platform;
        _log = log;
        _lease = new LeaseWatch(clock);
        _service = service;
        _state = store.Load();
        _lanes = new NodeLanes(platform, log);
        _rehearsal = new GuardRehearsal(platform, service, clock, log);
        _jobs = new WatcherJobs(this, new WindowRouter(platform, log), log);
    }

    /// <summary>The state as it is now; a later look may find another.</summary>
    public RegisterState State => Volatile.Read(ref _state);

    /// <summary>The service as the open window was armed with, or as the service file has it.</summary>
    public ServiceDescription Service => _store.Service is { } armed && State.Window is not null ? armed : _service;

    /// <summary>Told of a window that is armed (true), and of one that is done with (false).</summary>
    public Action<bool>? WindowChanged { get; init; }

    /// <summary>What must have come to an end before a window is armed.</summary>
    public Task Ready { get; init; } = Task.CompletedTask;

    /// <summary>Whether nothing keeps this process: no window that is not done with, and no owner who lives.</summary>
    public bool IsIdle => State is var state && _lease.Observe(state.Lease).Lease is LeaseCondition.None or LeaseCondition.Dead
        && (state.Window is null || (state.Window.Settled && state.Window.Routed)) && _jobs.Count == 0;

    /// <summary>Decides a request, and returns when what it asked for was done.</summary>
    public async Task<GuardReply> HandleAsync(GuardRequest request, CancellationToken cancellationToken)
    {
        try
        {
            // Before it is armed, so that it takes none of its time.
            if (request.Operation == GuardOperation.Arm)
                await Ready;

            if (request is { Operation: GuardOperation.Arm, Plan.IsRehearsal: true })
                await _rehearsal.PlayAsync();

            var begun = await DecideAsync(request, cancellationToken);
            return begun.Engine is null ? await ReplyAsync(request, begun) : Answer(request, []) with { Events = await begun.Engine };
        }
        catch (UpgradeException refused)
        {
            return GuardReply.Failed(refused) with { Id = request.Id, Epoch = State.Epoch };
        }
        catch (IOException error)
        {
            return GuardReply.Failed(StoreFailed(error)) with { Id = request.Id, Epoch = State.Epoch };
        }
    }

    /// <summary>Looks what is to be done unasked, and begins it.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            BeginDuties();
        }
        catch (Exception error) when (error is IOException or UpgradeException)
        {
            _log.Write($"The watcher cannot go on and tries again: {error.Message}");
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Changes the state under the turn, and stores what must be stored.</summary>
    public async Task ChangeAsync(Func<RegisterState, RegisterState> change, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            Store(change(_state));
            BeginDuties();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Acts on a node if that is still right once it is our turn.</summary>
    /// <returns>The act's result; null when it is no longer right.</returns>
    public async Task<GateState?> ActIfAsync(Func<RegisterState, bool> isRight, GuardOperation kind, Node node, CancellationToken cancellationToken)
    {
        Task<GateState> act;
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (!isRight(_state))
                return null;

            act = Enqueue(kind, node);
        }
        finally
        {
            _turn.Release();
        }

        return await act;
    }

    public void Dispose()
    {
        _turn.Dispose();
        _store.Dispose();
    }

    private async Task<BegunActs> DecideAsync(GuardRequest request, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var moment = _lease.Observe(_state.Lease);
            if (RegisterRules.Examine(_state, request, moment).FirstOrDefault() is { } refusal)
                throw Refuse(request, refusal);

            var ruling = RegisterRules.Apply(_state, request, moment);
            if (ruling.Next.Window is { } armed && armed.Plan.WindowId != _state.Window?.Plan.WindowId)
                _store.Arm(new ArmedWindow(armed.Plan, armed.Epoch, armed.ArmedAt, request.Service ?? _platform.ReadService(_service.Path)));

            Store(ruling.Next);
            if (ruling.Attempt != WindowOutcome.Undecided)
                Decide(ruling.Attempt, ruling.Generation, request.Epoch);

            if (request.Operation is GuardOperation.Acquire or GuardOperation.Renew)
                _lease.Renewed();

            if (request.Operation is not (GuardOperation.Hello or GuardOperation.Renew or GuardOperation.Status or GuardOperation.Probe))
                _log.Write($"{request.Operation} {request.WindowId ?? request.Plan?.WindowId} {string.Join(' ', request.Nodes.Select(node => node.Name))} at epoch {_state.Epoch}");

            List<(Node, Task<GateState>)> acts = ruling.ActOnNodes ? [.. request.Nodes.Select(node => (node, Enqueue(request.Operation, node)))] : [];
            acts.AddRange(NodesToSettle(request).Select(node => (node, Enqueue(GuardOperation.Settle, node))));
            var engine = request.Act is { } act ? _lanes.EnqueueAsync(act, Service, _state.Epoch) : null;
            BeginDuties();
            return new BegunActs(_state.Window?.Plan.WindowId, acts, engine);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Once the source is told closed, the target is promoted: nothing that was ordered before may reach it after that.</summary>
    private IEnumerable<Node> NodesToSettle(GuardRequest request) =>
        request.Operation == GuardOperation.Close && _state.Window is { Decision: null } window && request.Nodes.Any(window.HasSource) ? window.Plan.Target.Nodes : [];

    private async Task<GuardReply> ReplyAsync(GuardRequest request, BegunActs begun)
    {
        var states = new Dictionary<string, GateState>(StringComparer.Ordinal);
        var failures = new List<UpgradeException>();
        foreach (var (node, act) in begun.Nodes)
        {
            try
            {
                states[node.Name] = await act;
            }
            catch (UpgradeException error)
            {
                states[node.Name] = GateState.Unreachable;
                if (request.Operation != GuardOperation.Probe)
                    failures.Add(error);
            }
        }

        await NoteAsync(request.Operation, begun);
        return failures.Count > 0 ? GuardReply.Failed(Together(failures)) with { Id = request.Id, Epoch = State.Epoch } : Answer(request, states);
    }

    private Task NoteAsync(GuardOperation operation, BegunActs begun)
    {
        var done = begun.Nodes.Where(pair => pair.Act.IsCompletedSuccessfully).Select(pair => pair.Node).ToList();
        if (begun.WindowId is not { } windowId || done.Count == 0 || (operation == GuardOperation.Close && done.Count < begun.Nodes.Count))
            return Task.CompletedTask;

        return operation switch
        {
            GuardOperation.Close => ChangeAsync(state => done.Aggregate(state, (next, node) => RegisterRules.NoteClosed(next, windowId, node)), CancellationToken.None),
            GuardOperation.Open => ChangeAsync(state => done.Aggregate(state, (next, node) => RegisterRules.NoteOpened(next, windowId, node)), CancellationToken.None),
            _ => Task.CompletedTask,
        };
    }

    private GuardReply Answer(GuardRequest request, Dictionary<string, GateState> states)
    {
        var state = State;
        return new GuardReply
        {
            Id = request.Id,
            Epoch = state.Epoch,
            Outcome = state.Window?.Outcome ?? WindowOutcome.Undecided,
            Window = request.Operation == GuardOperation.Status && state.Window is { } window
                ? new WindowStatus(window.Plan, window.Outcome, window.ArmedAt.Wall + window.Plan.Deadline, window.Settled)
                : null,
            Remaining = state.Window is { } counted ? counted.Plan.Deadline - _lease.Observe(state.Lease).Now.Since(counted.ArmedAt) : TimeSpan.Zero,
            Lease = request.Operation == GuardOperation.Status ? state.Lease : null,
            States = states.Count > 0 ? states : null,
        };
    }

    private void BeginDuties()
    {
        foreach (var duty in RegisterRules.Duties(_state, _lease.Observe(_state.Lease)))
        {
            if (duty is Duty.Expire)
            {
                _log.Write($"Window {_state.Window!.Plan.WindowId} has reached its deadline.");
                Decide(WindowOutcome.Expired, 0, _state.Window.Epoch);
                BeginDuties();
                return;
            }

            _jobs.Begin(duty);
        }
    }

    private void Decide(WindowOutcome attempt, int generation, long epoch)
    {
        var decision = _store.Decide(new WindowDecision(_state.Window!.Plan.WindowId, attempt, epoch, generation));
        _log.Write($"Window {decision.WindowId} is {decision.Outcome} (epoch {decision.Epoch}, generation {decision.Generation}).");
        Volatile.Write(ref _state, RegisterRules.Learn(_state, decision));
    }

    private void Store(RegisterState next)
    {
        _store.Save(next);
        var (before, now) = (_state.Window is { IsHarmless: false }, next.Window is { IsHarmless: false });
        Volatile.Write(ref _state, next);
        if (before != now)
            WindowChanged?.Invoke(now);
    }

    private Task<GateState> Enqueue(GuardOperation kind, Node node) =>
        _lanes.Enqueue(kind, node, Service, State.Window?.Plan.UpgradeId ?? State.Lease?.UpgradeId ?? string.Empty, State.Epoch);

    private UpgradeException Refuse(GuardRequest request, Refusal refusal)
    {
        _log.Write($"{request.Operation} under epoch {request.Epoch} is refused: {refusal.ErrorId}.");
        return refusal.ToException();
    }

    private static UpgradeException Together(List<UpgradeException> failures) => failures.Count == 1
        ? failures[0]
        : new UpgradeException(failures[0].ErrorId, string.Join(' ', failures.Select(failure => failure.Message)), failures[0].RecommendedAction, failures[0].Category);

    private UpgradeException StoreFailed(IOException error) => new(
        "GuardStoreFailed",
        $"The guard could not write to its folder '{_service.GuardDirectory}', so it did nothing: {error.Message}",
        "See whether the disk is full or broken.",
        FailureCategory.OperationFailed,
        error) { Target = _service.GuardDirectory };
}
