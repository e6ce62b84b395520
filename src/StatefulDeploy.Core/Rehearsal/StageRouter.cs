using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Rehearsal;

/// <summary>A router that routes nothing.</summary>
internal sealed class StageRouter : IRouter
{
    public string Kind => "stage";

    public RouterPromise Promise => new(true, true, true, TimeSpan.Zero, string.Empty);

    public Task<RouterStatus> GetStatusAsync(CancellationToken cancellationToken) => Task.FromResult(new RouterStatus(string.Empty, string.Empty, false, 0, 0, 0));

    public Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Finding>>([]);

    public Task PrepareAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) => LaterAsync();

    public Task HoldAsync(HoldLimits limits, long epoch, CancellationToken cancellationToken) => LaterAsync();

    public Task RouteReadsAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) => LaterAsync();

    public Task SwitchAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) => LaterAsync();

    public Task ReleaseAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) => LaterAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task LaterAsync() => await Task.Yield();
}
