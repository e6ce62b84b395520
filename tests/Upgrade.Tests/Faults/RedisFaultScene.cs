using System.Globalization;
using System.Net;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Load;
using StatefulDeploy.Load.Redis;
using StatefulDeploy.Upgrade.Tests.Stage;

namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>A Redis behind the gateway.</summary>
internal sealed class RedisFaultScene : FaultScene
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private Partition? _partition;
    private readonly PastRouterClient _pastToBlue;
    private readonly PastRouterClient _pastToGreen;

    private RedisFaultScene(LiveService service, Ledger ledger)
        : base(service, ledger)
    {
        Service = service;
        var pause = TimeSpan.FromMilliseconds(15);
        _pastToBlue = service.Bed.Own(new PastRouterClient("blue", Past(service.Blue.EndPoint), pause));
        _pastToGreen = service.Bed.Own(new PastRouterClient("green", Past(service.GreenAddress), pause));
        _pastToBlue.Start();
        _pastToGreen.Start();
    }

    public new LiveService Service { get; }

    public override ILedgerEndpoint Router => Service.Router;

    protected override int GreenPort => Service.GreenPorts[0];

    protected override int RouterProcess => Service.Gateway.Id;

    public static new async Task<RedisFaultScene> StartAsync(TestBed bed, FaultCase fault)
    {
        var disk = fault.SmallDiskMegabytes is { } size ? bed.Own(await SmallDisk.MountAsync(bed.NewFolder("disk"), size)) : null;
        var service = await LiveService.StartAsync(bed, disk is null ? fault.Shape : fault.Shape with { GreenFolder = disk.Folder });
        await service.StartGatewayAsync();
        return new RedisFaultScene(service, await bed.StartLedgerAsync(service.Router, fault.Shape.Load)) { Disk = disk };
    }

    public override async Task RestartGreenAsync()
    {
        var id = GreenProcess();
        var words = (await File.ReadAllTextAsync($"/proc/{id}/cmdline")).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        var folder = new FileInfo($"/proc/{id}/cwd").LinkTarget;
        Signals.Kill(id);
        await TestBed.WaitUntilAsync(() => Task.FromResult(ProductProcess.ListeningOn(Service.GreenPorts[0]) == 0), "green is gone", Soon);
        Service.Bed.Own(TestProcess.Start(words[0], words[1..], Service.Options() with { WorkingDirectory = folder }));
        await TestBed.WaitUntilAsync(() => Task.FromResult(ProductProcess.ListeningOn(Service.GreenPorts[0]) > 0), "green is back", Soon);
    }

    public override async Task CrashBlueAsync()
    {
        await Service.Blue.KillAsync();
        await Service.Blue.StartAsync();
    }

    public override Task RestartBlueAsync() => Service.Blue.RestartAsync();

    /// <summary>Does to blue's replica what a Sentinel does, and writes to it as a client that the Sentinel sends there.</summary>
    public async Task PromoteReplicaAsync()
    {
        var replica = Service.Replicas[0].EndPoint;
        await Service.AskAsync(replica, "REPLICAOF", "NO", "ONE");
        Assert.False(await TakesWritesAsync(replica), "a promoted replica of a fenced cluster must refuse writes");
    }

    public override Task CutLinkAsync() => (_partition ??= Service.Bed.Own(new Partition(Service.Shape.GreenAddress, Service.Blue.Port))).CutAsync();

    public override Task MendLinkAsync() => _partition?.MendAsync() ?? Task.CompletedTask;

    public override async Task RestartRouterAsync()
    {
        await Service.Gateway.KillAsync();
        await Service.StartGatewayAsync();
    }

    /// <summary>Waits until blue has acknowledged that many more writes past the router.</summary>
    public Task PastWritesFlowAsync(int writes, TimeSpan within)
    {
        var enough = _pastToBlue.Accepted.Count + writes;
        return TestBed.WaitUntilAsync(() => Task.FromResult(_pastToBlue.Accepted.Count >= enough), "blue acknowledges writes past the router", within);
    }

    /// <summary>Waits until green has applied what blue has acknowledged by now.</summary>
    public async Task GreenFollowsAsync(TimeSpan within)
    {
        var written = long.Parse((await Service.Blue.InfoAsync("master_repl_offset"))!, CultureInfo.InvariantCulture);
        await TestBed.WaitUntilAsync(async () => Applied(await Service.AskAsync(Service.GreenAddress, "INFO", "replication")) >= written, "green has applied what blue has", within);
    }

    public override void LeaveBlue() => _pastToBlue.Pause();

    public override async Task<IReadOnlyList<AcceptedWrite>> EndPastWritesAsync()
    {
        await _pastToBlue.StopAsync();
        await _pastToGreen.StopAsync();
        return [.. _pastToBlue.Accepted, .. _pastToGreen.Accepted];
    }

    public override ILedgerEndpoint At(string side) => Service.EndpointAt(AddressOf(side));

    public override async Task<int> CountMissingAsync(IReadOnlyList<AcceptedWrite> writes, string side)
    {
        var server = AddressOf(side);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var socket = await Past(server)(deadline.Token);
        foreach (var write in writes)
        {
            socket.Request("GET", write.Key);
        }

        await socket.SendAsync(deadline.Token);
        var missing = 0;
        foreach (var write in writes)
        {
            missing += (await socket.ReadAsync(deadline.Token)).Text == write.Side ? 0 : 1;
        }

        return missing;
    }

    protected override Task<bool> TakesWritesAsync(string side) => TakesWritesAsync(AddressOf(side));

    private static long Applied(string info) =>
        long.Parse(info.Split("slave_repl_offset:", StringSplitOptions.None)[1].Split('\r', '\n')[0], CultureInfo.InvariantCulture);

    private IPEndPoint AddressOf(string side) => side == "green" ? Service.GreenAddress : Service.Blue.EndPoint;

    private Func<CancellationToken, Task<RespSocket>> Past(IPEndPoint server) =>
        PastRouterClient.To(server, Service.Shape.Accounts ? LiveService.Client : null, Service.ClientPassword);

    private async Task<bool> TakesWritesAsync(IPEndPoint server)
    {
        try
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            using var socket = await Past(server)(deadline.Token);
            socket.Request("SET", "past:look", "1");
            await socket.SendAsync(deadline.Token);
            return (await socket.ReadAsync(deadline.Token)).Type != RespType.Error;
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            return false;
        }
    }
}
