using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard.Remote;

/// <summary>The router as the watcher on another machine reaches it: through a client, who is where the router's files and sockets are. The router compares the epoch itself.</summary>
internal sealed class ClientRouter(RouterDescription description, ClientHosts clients) : IRouter
{
    public string Kind => description.Kind;

    public RouterPromise Promise => throw new NotSupportedException("Only who plans a window asks for it.");

    public async Task<RouterStatus> GetStatusAsync(CancellationToken cancellationToken) =>
        ModelJson.Read<RouterStatus>((await DoAsync(new HostCall { Act = HostAct.RouterStatus }, cancellationToken)).Result!);

    public Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, CancellationToken cancellationToken) => throw new NotSupportedException("Only who plans a window asks for it.");

    public Task PrepareAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) => throw new NotSupportedException("Only who begins a window does that.");

    public Task HoldAsync(HoldLimits limits, long epoch, CancellationToken cancellationToken) =>
        DoAsync(new HostCall { Act = HostAct.RouterHold, Limits = limits, Epoch = epoch }, cancellationToken);

    public Task RouteReadsAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) =>
        DoAsync(new HostCall { Act = HostAct.RouterReads, Targets = target, Epoch = epoch }, cancellationToken);

    public Task SwitchAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) =>
        DoAsync(new HostCall { Act = HostAct.RouterSwitch, Targets = target, Epoch = epoch }, cancellationToken);

    public Task ReleaseAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) =>
        DoAsync(new HostCall { Act = HostAct.RouterRelease, Targets = target, Epoch = epoch }, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<HostAnswer> DoAsync(HostCall call, CancellationToken cancellationToken) => clients.Find("local").CallAsync(call with { Host = "local" }, cancellationToken);
}
