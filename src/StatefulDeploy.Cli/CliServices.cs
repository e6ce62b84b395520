using StatefulDeploy.Contracts;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Cli;

/// <summary>What commands are given: the product, and the three ways to talk to whoever runs them.</summary>
internal sealed class CliServices : IAsyncDisposable
{
    private readonly Lazy<IPlatform> _platform;
    private readonly Lazy<IUpgradeOperations> _operations;

    public CliServices(Func<IPlatform> platform, Func<IPlatform, IUpgradeOperations> operations, CliConsole console)
    {
        _platform = new Lazy<IPlatform>(platform);
        _operations = new Lazy<IUpgradeOperations>(() => operations(_platform.Value));
        Console = console;
    }

    public IPlatform Platform => _platform.Value;

    public IUpgradeOperations Operations => _operations.Value;

    public CliConsole Console { get; }

    /// <summary>Gives back the leases that this process holds.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_operations is { IsValueCreated: true, Value: IAsyncDisposable operations })
            await operations.DisposeAsync();
    }

    public static CliServices Create() => new(Composition.Platform.Create, platform => new UpgradeOperations(platform), CliConsole.OfProcess());
}
