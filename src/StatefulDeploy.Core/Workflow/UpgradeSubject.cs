using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow;

/// <summary>What an operation is about: a service as described, and its upgrade as journalled, if one was begun.</summary>
internal sealed record UpgradeSubject
{
    public required ServiceDescription Service { get; init; }

    public required IJournalStore Store { get; init; }

    /// <summary>The upgrade; null when none is under way.</summary>
    public UpgradeState? State { get; init; }

    /// <summary>The lines of the upgrade, or of the last one that has ended.</summary>
    public IReadOnlyList<JournalEntry> Entries { get; init; } = [];

    /// <summary>What the journal does not hold yet because the upgrade is only now begun.</summary>
    public JournalEntry? Beginning { get; init; }

    /// <summary>Blue as it was when the upgrade was begun: later edits of the file do not change what is upgraded.</summary>
    public ClusterLayout Blue => State?.Fact<ClusterLayout>(FactName.Blue) ?? Service.Blue;

    /// <summary>Green as planned; null before the upgrade was begun.</summary>
    public ClusterLayout? Green => State?.Fact<ClusterLayout>(FactName.Green);

    /// <summary>How green gets blue's data, as it was begun.</summary>
    public UpgradeStrategy Strategy => Enum.TryParse<UpgradeStrategy>((State ?? Last)?.Fact(FactName.Strategy), out var strategy) ? strategy : UpgradeStrategy.Mirror;

    /// <summary>Finds the service by its file, or by an upgrade's id and the place of its journal; and its newest upgrade that has not ended, or the one named.</summary>
    /// <exception cref="UpgradeException">File, upgrade or folder is missing or wrong.</exception>
    internal static async Task<UpgradeSubject> FindAsync(IPlatform platform, UpgradeRequest request, TimeProvider clock, CancellationToken cancellationToken)
    {
        var service = StretchRules.Apply(request, await ServiceOfAsync(platform, request, clock, cancellationToken));
        StretchRules.RequireStrategy(request, service);
        var store = platform.OpenJournals(service, request.StateDirectory, clock);
        var (id, entries) = request.UpgradeId is { } named ? (named, await store.ReadAsync(named, cancellationToken)) : await FindNewestAsync(store, cancellationToken);
        if (entries.Count == 0)
        {
            return new UpgradeSubject { Service = service, Store = store };
        }

        var state = UpgradeState.Of(id, entries);
        if (state.Fact(FactName.Service) is { } owner && owner != service.Name)
        {
            throw new UpgradeException("OtherService", $"Upgrade '{id}' belongs to service '{owner}', but '{service.Path}' describes '{service.Name}'.", "Name the file and the upgrade of the same service.", FailureCategory.InvalidInput) { Target = id };
        }

        var found = new UpgradeSubject { Service = service, Store = store, State = state, Entries = entries };
        return state.Ended && request.UpgradeId is null ? found with { State = null, Last = state } : found;
    }

    // One whose first line never came was not begun.
    private static async Task<(string Id, IReadOnlyList<JournalEntry> Entries)> FindNewestAsync(IJournalStore store, CancellationToken cancellationToken)
    {
        foreach (var id in await store.ListAsync(cancellationToken))
        {
            if (await store.FindAsync(id, cancellationToken) is { Count: > 0 } entries)
            {
                return (id, entries);
            }
        }

        return (string.Empty, []);
    }

    /// <summary>The newest upgrade when it has ended; null otherwise.</summary>
    public UpgradeState? Last { get; init; }

    /// <summary>This, when an upgrade was begun.</summary>
    /// <exception cref="UpgradeException">None was.</exception>
    internal UpgradeSubject Begun(bool evenEnded = false)
    {
        if (State is null && evenEnded && Last is not null)
        {
            return this with { State = Last };
        }

        return State is not null ? this : throw new UpgradeException("NoUpgrade", $"No upgrade of service '{Service.Name}' is under way in '{Store.Location}'.", "Begin one with New-GreenCluster or Invoke-StatefulUpgrade (statefuldeploy upgrade).", FailureCategory.WrongState) { Target = Service.Name };
    }

    /// <summary>The subject of an upgrade that is now begun.</summary>
    internal UpgradeSubject Begin(string upgradeId, ClusterLayout green, UpgradeRequest request, TimeProvider clock, params ReadOnlySpan<(string Name, string Value)> more)
    {
        var facts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [FactName.Path] = Service.Path,
            [FactName.Service] = Service.Name,
            [FactName.Engine] = Service.Engine,
            [FactName.Version] = Service.Blue.Version,
            [FactName.TargetVersion] = green.Version,
            [FactName.Strategy] = (request.Strategy ?? StretchRules.StrategyOf(Service)).ToString(),
            [FactName.Blue] = ModelJson.Write(Service.Blue),
            [FactName.Green] = ModelJson.Write(green),
            [FactName.Consent] = ModelJson.Write(request.Consent),
        };
        if (request.PartOf is { } whole)
        {
            facts[FactName.PartOf] = whole;
        }

        foreach (var (name, value) in more)
        {
            facts[name] = value;
        }

        var beginning = new JournalEntry { Kind = JournalKind.Begin, Name = upgradeId, Time = clock.GetUtcNow(), Data = facts };
        return this with { State = UpgradeState.Of(upgradeId, [beginning]), Beginning = beginning };
    }

    /// <summary>What the engine is given.</summary>
    internal EngineContext ContextFor(IPlatform platform, ClusterLayout green, IReporter reporter, TimeProvider clock, bool back = false) => new()
    {
        Service = Service,
        Source = back ? green : Blue,
        Target = back ? Blue : green,
        UpgradeId = State?.UpgradeId ?? "plan",
        Hosts = platform.CreateHosts(Service),
        Secrets = platform.CreateSecrets(Service),
        OwnProgram = platform.OwnProgram,
        Reporter = reporter,
        Clock = clock,
    };

    /// <summary>The service that a request is about.</summary>
    /// <exception cref="UpgradeException">Its file is missing or wrong.</exception>
    internal static async Task<ServiceDescription> ServiceOfAsync(IPlatform platform, UpgradeRequest request, TimeProvider clock, CancellationToken cancellationToken) =>
        platform.ReadService(request.Path ?? await PathOfAsync(platform, request, clock, cancellationToken));

    private static async Task<string> PathOfAsync(IPlatform platform, UpgradeRequest request, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (request.UpgradeId is not { } id)
        {
            throw new UpgradeException("ServiceMissing", "Which service? Neither a service file nor an upgrade was named.", "Name the service file, or the upgrade's id.", FailureCategory.InvalidInput);
        }

        foreach (var store in UpgradeList.StoresOf(platform, request, clock))
        {
            if (await store.FindAsync(id, cancellationToken) is { } entries)
            {
                return UpgradeState.Of(id, entries).Fact(FactName.Path) ?? throw new UpgradeException("JournalDamaged", $"The journal of '{id}' does not say which service file it is about.", "Name the service file.", FailureCategory.Damaged);
            }
        }

        throw new UpgradeException("UpgradeNotFound", $"There is no upgrade '{id}' in {request.StateDirectory ?? "the default place"}.", "Name its service file or its state folder too.", FailureCategory.NotFound) { Target = id };
    }
}
