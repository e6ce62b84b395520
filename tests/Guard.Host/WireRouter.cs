using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard.Host;

/// <summary>A pretended router: one line an act.</summary>
public sealed class WireRouter(ServiceDescription service) : IRouter
{
    private readonly WireNode _wire = new();

    public string Kind => "wire";

    public RouterPromise Promise => new(true, true, true, TimeSpan.Zero, string.Empty);

    public Task<RouterStatus> GetStatusAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task PrepareAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) => DoAsync("PREPARE", target, epoch, cancellationToken);

    public Task HoldAsync(HoldLimits limits, long epoch, CancellationToken cancellationToken) => DoAsync("HOLD", null, epoch, cancellationToken);

    public Task RouteReadsAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) => DoAsync("READS", target, epoch, cancellationToken);

    public Task SwitchAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) => DoAsync("SWITCH", target, epoch, cancellationToken);

    public Task ReleaseAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) => DoAsync("RELEASE", target, epoch, cancellationToken);

    public ValueTask DisposeAsync()
    {
        _wire.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<string> DoAsync(string act, RouterTargets? target, long epoch, CancellationToken cancellationToken) =>
        _wire.AskAsync(NodeEndpoint.Parse(service.Router.Admin), $"{act} {epoch} {target?.ByShard.Values.First().Port}", cancellationToken);
}
