using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow;

/// <summary>What an operation is about: a service as described, and its upgrade as journalled, if one was begun.</summary>
internal sealed record UpgradeSubject
{
    public required ServiceDescription Service { get; init; }

    public required JournalStore Store { get; init; }

    /// <summary>The upgrade; null when none is under way.</summary>
    public UpgradeState? State { get; init; }

    public IReadOnlyList<JournalEntry> Entries { get; init; } = [];

    /// <summary>What the journal does not hold yet because the upgrade is only now begun.</summary>
    public JournalEntry? Beginning { get; init; }

    /// <summary>Blue as it was when the upgrade was begun: later edits of the file do not change what is upgraded.</summary>
    public ClusterLayout Blue => State?.Fact<ClusterLayout>(FactName.Blue) ?? Service.Blue;

    /// <summary>Green as planned; null before the upgrade was begun.</summary>
    public ClusterLayout? Green => State?.Fact<ClusterLayout>(FactName.Green);

    /// <summary>How green gets blue's data, as it was begun.</summary>
    public UpgradeStrategy Strategy => Enum.TryParse<UpgradeStrategy>((State ?? Last)?.Fact(FactName.Strategy), out var strategy) ? strategy : UpgradeStrategy.Mirror;

    /// <summary>Finds the service by its file, or by an upgrade's id and the state folder; and its newest upgrade that has not ended, or the one named.</summary>
    /// <exception cref="UpgradeException">File, upgrade or folder is missing or wrong.</exception>
    internal static UpgradeSubject Find(IPlatform platform, UpgradeRequest request)
    {
        var service = StretchRules.Apply(request, ServiceOf(platform, request));
        StretchRules.RequireStrategy(request, service);
        var store = new JournalStore(request.StateDirectory ?? service.StateDirectory);
        var id = request.UpgradeId ?? (store.List() is [var newest, ..] ? newest : null);
        if (id is null)
        {
            return new UpgradeSubject { Service = service, Store = store };
        }

        var entries = store.Read(id);
        var state = UpgradeState.Of(id, entries);
        if (state.Fact(FactName.Service) is { } owner && owner != service.Name)
        {
            throw new UpgradeException("OtherService", $"Upgrade '{id}' belongs to service '{owner}', but '{service.Path}' describes '{service.Name}'.", "Name the file and the upgrade of the same service.", FailureCategory.InvalidInput) { Target = id };
        }

        var found = new UpgradeSubject { Service = service, Store = store, State = state, Entries = entries };
        return state.Ended && request.UpgradeId is null ? found with { State = null, Entries = [], Last = state } : found;
    }

    /// <summary>The newest upgrade when it has ended; null otherwise.</summary>
    public UpgradeState? Last { get; init; }

    /// <summary>This, when an upgrade was begun.</summary>
    /// <exception cref="UpgradeException">None was.</exception>
    internal UpgradeSubject Begun(bool evenEnded = false)
    {
        if (State is null && evenEnded && Last is not null)
        {
            return this with { State = Last, Entries = Store.Read(Last.UpgradeId) };
        }

        return State is not null ? this : throw new UpgradeException("NoUpgrade", $"No upgrade of service '{Service.Name}' is under way in '{Store.Folder}'.", "Begin one with New-GreenCluster or Invoke-StatefulUpgrade (statefuldeploy upgrade).", FailureCategory.WrongState) { Target = Service.Name };
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
    internal static ServiceDescription ServiceOf(IPlatform platform, UpgradeRequest request) => platform.ReadService(request.Path ?? PathOf(platform, request));

    private static string PathOf(IPlatform platform, UpgradeRequest request)
    {
        if (request.UpgradeId is not { } id)
        {
            throw new UpgradeException("ServiceMissing", "Which service? Neither a service file nor an upgrade was named.", "Name the service file, or the upgrade's id.", FailureCategory.InvalidInput);
        }

        var store = UpgradeList.StoresOf(platform, request).FirstOrDefault(store => File.Exists(store.PathOf(id)))
            ?? throw new UpgradeException("UpgradeNotFound", $"There is no upgrade '{id}' in {request.StateDirectory ?? "the default place"}.", "Name its service file or its state folder too.", FailureCategory.NotFound) { Target = id };
        var state = UpgradeState.Of(id, store.Read(id));
        return state.Fact(FactName.Path) ?? throw new UpgradeException("JournalDamaged", $"The journal of '{id}' does not say which service file it is about.", "Name the service file.", FailureCategory.Damaged);
    }
}
