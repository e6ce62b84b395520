using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;
using StatefulDeploy.Notify;
using StatefulDeploy.Reuse;

namespace StatefulDeploy.Workflow;

/// <summary>What the steps of one upgrade share while a stretch of it runs in this process.</summary>
internal sealed class UpgradeRun : IAsyncDisposable
{
    private static readonly TimeSpan ActLimit = TimeSpan.FromMinutes(5);
    private readonly List<JournalEntry> _pending = [];
    private readonly ClusterLayout? _wholeBlue;
    private readonly ClusterLayout? _wholeGreen;

    public required IPlatform Platform { get; init; }

    public required ServiceDescription Service { get; init; }

    public required IEngine Engine { get; init; }

    /// <summary>Blue as the rows from the replication on see it: without the nodes whose volumes have gone to green.</summary>
    public required ClusterLayout Blue { get; init; }

    /// <summary>Green as the rows see it: without nodes whose volumes are still blue's.</summary>
    public required ClusterLayout Green { get; init; }

    /// <summary>All of blue, as it was when the upgrade was begun.</summary>
    public ClusterLayout WholeBlue { get => _wholeBlue ?? Blue; init => _wholeBlue = value; }

    /// <summary>All of green, as it is to be at the end.</summary>
    public ClusterLayout WholeGreen { get => _wholeGreen ?? Green; init => _wholeGreen = value; }

    /// <summary>How green gets blue's data.</summary>
    public UpgradeStrategy Strategy { get; init; }

    /// <summary>Whether nobody serves while the volume of the only node goes to its successor.</summary>
    public bool HasOutage => ReusedLayout.IsOutage(Service, WholeBlue, WholeGreen);

    public required UpgradeState State { get; init; }

    public required IJournalStore Store { get; init; }

    public required IJournal Journal { get; init; }

    public required IGuard Guard { get; init; }

    public required IRouter Router { get; init; }

    public required IReporter Reporter { get; init; }

    public required UpgradeRequest Request { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public IFaultPoints Faults { get; init; } = new NoFaults();

    /// <summary>Whether this stretch goes from green to blue.</summary>
    public bool Back { get; init; }

    /// <summary>Signalled when somebody asked the upgrade to stop where nothing is closed.</summary>
    public CancellationToken StopRequested { get; init; }

    /// <summary>Signalled when the lease was lost.</summary>
    public CancellationToken Lost { get; init; }

    /// <summary>The session it runs under.</summary>
    public required OperatorSession Session { get; init; }

    /// <summary>Test seam: the position read before the fence, as a careless tool would.</summary>
    public ClusterPosition? EarlyPosition { get; set; }

    /// <summary>When this process began to close writes; null when they were closed by another one, or are open.</summary>
    public long? ClosedAt { get; set; }

    public UpgradeLimits Limits => Service.Limits;

    public ClusterLayout Source => Back ? Green : Blue;

    public ClusterLayout Target => Back ? Blue : Green;

    public UpgradeConsent Consent => State.Fact<UpgradeConsent>(FactName.Consent) ?? Request.Consent;

    /// <summary>What the engine is given for acts in the direction of this stretch.</summary>
    public EngineContext Context => _context ??= ContextFor(Back);

    private EngineContext? _context;
    private EngineContext? _opposite;
    private Notifier? _notifier;

    /// <summary>Both clusters whole, from blue to green.</summary>
    public EngineContext WholeContext => ContextFor(false) with { Source = WholeBlue, Target = WholeGreen };

    /// <summary>What the engine is given for following the other way round.</summary>
    public EngineContext Opposite => _opposite ??= ContextFor(!Back);

    /// <summary>Whom the user wants told about the window of this stretch.</summary>
    public Notifier Notifier => _notifier ??= new Notifier(Context);

    private EngineContext ContextFor(bool back) => new()
    {
        Service = Service,
        Source = back ? Green : Blue,
        Target = back ? Blue : Green,
        UpgradeId = State.UpgradeId,
        Hosts = Platform.CreateHosts(Service),
        Secrets = Platform.CreateSecrets(Service),
        OwnProgram = Platform.OwnProgram,
        Reporter = Reporter,
        Clock = Clock,
    };

    /// <summary>Lets the guard do an act that would ruin a cluster that serves: one that was ordered before somebody else took over is refused there.</summary>
    public Task ActAsync(GuardedAct act, EngineContext context, ClusterPosition? position, CancellationToken cancellationToken) =>
        Guard.ActAsync(act, context, position, ActLimit, cancellationToken);

    /// <summary>Notes a line without writing it yet: it goes to disk together with the next one, which saves a flush inside the window.</summary>
    public void RecordLater(JournalEntry entry) => _pending.Add(Stamped(entry));

    /// <summary>Writes a line, and those noted before it, to disk.</summary>
    public void Record(JournalEntry entry)
    {
        _pending.Add(Stamped(entry));
        Flush();
    }

    /// <summary>Writes the lines noted so far to disk.</summary>
    public void Flush()
    {
        Journal.Append([.. _pending]);
        _pending.Clear();
    }

    /// <summary>Writes the lines noted so far, and lets them go to disk meanwhile: see <see cref="FlushedAsync"/>.</summary>
    public void FlushBehind()
    {
        Journal.AppendBehind([.. _pending]);
        _pending.Clear();
    }

    /// <summary>Waits until the lines written so far are on disk.</summary>
    public Task FlushedAsync() => Journal.FlushedAsync();

    /// <summary>Writes the lines noted so far, and waits until every machine that shares the journal can read them.</summary>
    public Task SharedAsync(CancellationToken cancellationToken)
    {
        Flush();
        return Journal.SharedAsync(cancellationToken);
    }

    /// <summary>Notes a moment inside the window for the report.</summary>
    public void Mark(string name) => RecordLater(new JournalEntry { Kind = JournalKind.Sample, Name = name });

    /// <summary>Records that the cluster has come to a state.</summary>
    public void Reach(ClusterState state, string? text = null)
    {
        if (State.State != state || text is not null)
        {
            RecordLater(new JournalEntry { Kind = JournalKind.State, Name = state.ToString(), Text = text });
        }
    }

    /// <summary>Tells a person and the journal.</summary>
    public void Tell(ReportLevel level, string message, StepName? step = null)
    {
        Reporter.Report(new ReportEvent(level, message) { Step = step?.ToString() });
        if (level >= ReportLevel.Information)
        {
            RecordLater(new JournalEntry { Kind = JournalKind.Note, Name = step?.ToString(), Text = message });
        }
    }

    /// <summary>Writes the first lines of an upgrade that is only now begun.</summary>
    public void BeginIfNew(UpgradeSubject subject)
    {
        if (subject.Beginning is { } beginning)
        {
            Record(beginning);
        }
    }

    /// <summary>Writes what is noted, and lets go of the journal and the router; the session stays.</summary>
    public async ValueTask DisposeAsync()
    {
        Session.ClosedAt = ClosedAt;
        await RecordNotificationsAsync();
        await ShareAtLastAsync();
        await Journal.DisposeAsync();
        await Router.DisposeAsync();
    }

    // What was done was done, and its lines are on this disk: whatever is begun next shares them before it acts.
    private async Task ShareAtLastAsync()
    {
        try
        {
            await SharedAsync(CancellationToken.None);
        }
        catch (UpgradeException exception)
        {
            Reporter.Report(new ReportEvent(ReportLevel.Warning, $"The last lines of the journal are on this machine only: {exception.Message}"));
        }
    }

    private async Task RecordNotificationsAsync()
    {
        foreach (var outcome in _notifier is null ? [] : await _notifier.FinishAsync())
        {
            RecordLater(new JournalEntry { Kind = JournalKind.Note, Text = outcome.ToString() });
        }
    }

    private JournalEntry Stamped(JournalEntry entry)
    {
        var stamped = entry with { Time = Clock.GetUtcNow(), Epoch = Guard.Epoch, Back = Back };
        State.Apply(stamped);
        return stamped;
    }
}
