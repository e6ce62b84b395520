using StatefulDeploy.Contracts;
using StatefulDeploy.Guard;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Routing;

/// <summary>
/// A router of Azure's own, which cannot hold requests: between fence and switch a writer gets the engine's read-only error, and it is
/// pointed to green while writes are closed, so that no read goes to blue once green is open. Whether it holds is only noted.
/// </summary>
public abstract class AzureRouter : IRouter
{
    private readonly Lazy<AzureService> _azure;
    private readonly RouterStateFile _state;

    private protected AzureRouter(ServiceDescription service, string kind, Func<AzureService> azure)
    {
        ArgumentNullException.ThrowIfNull(service);
        Service = service;
        Kind = kind;
        _azure = new(azure);
        _state = new RouterStateFile(service.GuardDirectory, kind);
    }

    /// <inheritdoc/>
    public string Kind { get; }

    /// <inheritdoc/>
    public abstract RouterPromise Promise { get; }

    private protected ServiceDescription Service { get; }

    private protected AzureService Azure => _azure.Value;

    /// <summary>What it is, for a sentence that begins with it.</summary>
    private protected abstract string Name { get; }

    /// <summary>Its settings, and what each of them names.</summary>
    private protected abstract IReadOnlyDictionary<string, string> Settings { get; }

    /// <inheritdoc/>
    public async Task<RouterStatus> GetStatusAsync(CancellationToken cancellationToken)
    {
        var addresses = string.Join(", ", await AddressesAsync(cancellationToken));
        var note = await _state.ReadAsync(cancellationToken);
        return new RouterStatus(addresses, addresses, note.Holding, note.Epoch, 0, 0);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var subject = $"router {Kind}";
        if (Service.Router.Settings.Keys.FirstOrDefault(name => !Settings.ContainsKey(name)) is { } unknown)
            return [Finding.Refuse("UnknownKey", subject, $"{Name} has no setting '{unknown}'.", $"Use: {string.Join(", ", Settings.Keys)}.")];

        try
        {
            return await InspectAsync(context, subject, cancellationToken);
        }
        catch (UpgradeException exception)
        {
            return [Finding.Refuse(exception.ErrorId, subject, exception.Message, exception.RecommendedAction)];
        }
    }

    /// <inheritdoc/>
    public abstract Task PrepareAsync(RouterTargets target, long epoch, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public Task HoldAsync(HoldLimits limits, long epoch, CancellationToken cancellationToken) => _state.NoteAsync(epoch, holding: true, cancellationToken);

    /// <inheritdoc/>
    public Task RouteReadsAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) => PointAsync(target, epoch, holding: true, cancellationToken);

    /// <inheritdoc/>
    public Task SwitchAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) => PointAsync(target, epoch, holding: false, cancellationToken);

    /// <inheritdoc/>
    public Task ReleaseAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) => SwitchAsync(target, epoch, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Whereto it leads now.</summary>
    private protected abstract Task<IReadOnlyList<string>> AddressesAsync(CancellationToken cancellationToken);

    /// <summary>What stands against switching it.</summary>
    private protected abstract Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, string subject, CancellationToken cancellationToken);

    /// <summary>Has it lead to one writer alone; nothing when it does.</summary>
    private protected abstract Task PointAsync(NodeEndpoint writer, CancellationToken cancellationToken);

    /// <summary>One of <see cref="Settings"/>.</summary>
    /// <exception cref="UpgradeException">It is missing.</exception>
    private protected string Setting(string name) => Service.Router.Settings.GetValueOrDefault(name)
        ?? throw new UpgradeException("MissingKey", $"{Service.Path}: router.settings.{name} is missing.", $"Name the {Settings[name]} under router.settings.{name}.", FailureCategory.InvalidInput) { Target = $"router.settings.{name}" };

    private async Task PointAsync(RouterTargets target, long epoch, bool holding, CancellationToken cancellationToken)
    {
        await _state.NoteAsync(epoch, holding, cancellationToken);
        await PointAsync(OneWriter.Of(target), cancellationToken);
    }
}
