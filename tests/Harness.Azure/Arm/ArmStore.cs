namespace StatefulDeploy.Harness.Azure.Arm;

/// <summary>All resources. Whoever reads or changes them holds <see cref="Gate"/>.</summary>
internal sealed class ArmStore
{
    private readonly Dictionary<string, ArmResource> _resources = new(StringComparer.OrdinalIgnoreCase);

    public Lock Gate { get; } = new();

    public IEnumerable<ArmResource> All => _resources.Values;

    public T? Find<T>(string? id)
        where T : ArmResource => id is not null && _resources.GetValueOrDefault(id) is T found ? found : null;

    /// <summary>The resource of a request; an error as Azure's when there is none.</summary>
    public T Get<T>(ArmRequest request)
        where T : ArmResource => Find<T>(request.Target.Id) ?? throw ArmException.ResourceNotFound(request.Target);

    public IEnumerable<T> Of<T>()
        where T : ArmResource => _resources.Values.OfType<T>();

    public void Add(ArmResource resource) => _resources[resource.Id] = resource;

    public void Remove(ArmResource resource) => _resources.Remove(resource.Id);
}
