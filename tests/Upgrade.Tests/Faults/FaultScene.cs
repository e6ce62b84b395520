using System.Globalization;
using System.Net;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Journal;
using StatefulDeploy.Load;
using StatefulDeploy.Load.Redis;
using StatefulDeploy.Upgrade.Tests.Stage;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>A service under load through its router, clients that go past it to both clusters, and an operator at work.</summary>
internal sealed class FaultScene
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private Partition? _partition;
    private readonly PastRouterClient _pastToBlue;
    private readonly PastRouterClient _pastToGreen;

    private FaultScene(LiveService service, Ledger ledger)
    {
        Service = service;
        Ledger = ledger;
        Began = ledger.Now;
        var pause = TimeSpan.FromMilliseconds(15);
        _pastToBlue = service.Bed.Own(new PastRouterClient("blue", Past(service.Blue.EndPoint), pause));
        _pastToGreen = service.Bed.Own(new PastRouterClient("green", Past(service.GreenAddress), pause));
        _pastToBlue.Start();
        _pastToGreen.Start();
    }

    public LiveService Service { get; }

    public Ledger Ledger { get; }

    public long Began { get; }

    /// <summary>The operator whose process the fault happens to, or around.</summary>
    public OperatorProcess? Orchestrator { get; set; }

    /// <summary>Green's disk, where the case gave it one of its own.</summary>
    public SmallDisk? Disk { get; private init; }

    public static async Task<FaultScene> StartAsync(TestBed bed, FaultCase fault)
    {
        var disk = fault.SmallDiskMegabytes is { } size ? bed.Own(await SmallDisk.MountAsync(bed.NewFolder("disk"), size)) : null;
        var service = await LiveService.StartAsync(bed, disk is null ? fault.Shape : fault.Shape with { GreenFolder = disk.Folder });
        await service.StartGatewayAsync();
        return new FaultScene(service, await bed.StartLedgerAsync(service.Router, fault.Shape.Load)) { Disk = disk };
    }

    /// <summary>Runs a command of the product to its end.</summary>
    public Task<CommandOutcome> OperateAsync(params string[] arguments) => OperatorProcess.RunAsync(Service, Patience, arguments);

    /// <summary>Ends processes of the product at once: <c>guard</c>, <c>keeper</c>, <c>worker</c>.</summary>
    public int Kill(string verb)
    {
        var found = ProductProcess.Find(Service.Bed.Folder, verb);
        foreach (var process in found)
        {
            Signals.Kill(process.Id);
        }

        return found.Count;
    }

    /// <summary>Ends green's primary at once.</summary>
    public void KillGreen() => Signals.Kill(GreenProcess());

    /// <summary>Green's primary as a process.</summary>
    public int GreenProcess() => ProductProcess.ListeningOn(Service.GreenPorts[0]) is > 0 and var id ? id : throw new InvalidOperationException("Green does not run.");

    /// <summary>Ends green's primary at once, and starts it as it had been started, as a supervisor would.</summary>
    public async Task RestartGreenAsync()
    {
        var id = GreenProcess();
        var words = (await File.ReadAllTextAsync($"/proc/{id}/cmdline")).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        var folder = new FileInfo($"/proc/{id}/cwd").LinkTarget;
        Signals.Kill(id);
        await TestBed.WaitUntilAsync(() => Task.FromResult(ProductProcess.ListeningOn(Service.GreenPorts[0]) == 0), "green is gone", Soon);
        Service.Bed.Own(TestProcess.Start(words[0], words[1..], Service.Options() with { WorkingDirectory = folder }));
        await TestBed.WaitUntilAsync(() => Task.FromResult(ProductProcess.ListeningOn(Service.GreenPorts[0]) > 0), "green is back", Soon);
    }

    /// <summary>Ends blue's primary at once and starts it on the data it left.</summary>
    public async Task CrashBlueAsync()
    {
        await Service.Blue.KillAsync();
        await Service.Blue.StartAsync();
    }

    /// <summary>Does to blue's replica what a Sentinel does, and writes to it as a client that the Sentinel sends there.</summary>
    public async Task PromoteReplicaAsync()
    {
        var replica = Service.Replicas[0].EndPoint;
        await Service.AskAsync(replica, "REPLICAOF", "NO", "ONE");
        Assert.False(await TakesWritesAsync(replica), "a promoted replica of a fenced cluster must refuse writes");
    }

    /// <summary>Green falls behind from now on.</summary>
    public void SlowGreenDown() => Service.Bed.Own(new SlowGreen(Service.GreenPorts[0], TimeSpan.FromMilliseconds(150), TimeSpan.FromMilliseconds(5)));

    public Task CutLinkAsync() => (_partition ??= Service.Bed.Own(new Partition(Service.Shape.GreenAddress, Service.Blue.Port))).CutAsync();

    public Task MendLinkAsync() => _partition?.MendAsync() ?? Task.CompletedTask;

    /// <summary>The gateway stands still for a time from now.</summary>
    public void FreezeGateway(TimeSpan time) => Freeze(Service.Gateway.Id, time);

    /// <summary>The guard stands still for a time from now, or for ever if somebody ends it.</summary>
    public void SuspendGuard(TimeSpan time) => Freeze(ProductProcess.Find(Service.Bed.Folder, "guard").Single().Id, time);

    /// <summary>Ends the gateway at once; a supervisor starts it again.</summary>
    public async Task RestartGatewayAsync()
    {
        await Service.Gateway.KillAsync();
        await Service.StartGatewayAsync();
    }

    /// <summary>Waits until writes through the router are acknowledged again.</summary>
    public Task WritesFlowAsync(TimeSpan within) => Ledger.WaitForWritesAsync(20, within);

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

    /// <summary>Whether the upgrade has come to a step, as its journal says.</summary>
    public bool HasBegun(StepName step)
    {
        var store = new JournalStore(Service.StateFolder);
        return store.List() is [var id, ..] && UpgradeState.Of(id, store.Read(id)).StatusOf(step, back: false) != StepStatus.Pending;
    }

    /// <summary>Which cluster takes the write of an ordinary client who goes past the router; <c>none</c> and <c>both</c> are answers too.</summary>
    public async Task<string> LiveAsync()
    {
        var blue = await TakesWritesAsync(Service.Blue.EndPoint);
        var green = await TakesWritesAsync(Service.GreenAddress);
        return (blue, green) switch { (true, true) => "both", (true, false) => "blue", (false, true) => "green", _ => "none" };
    }

    /// <summary>The clients that go past the router let blue go: with one of them connected it is not retired.</summary>
    public void LeaveBlue() => _pastToBlue.Pause();

    public async Task<IReadOnlyList<AcceptedWrite>> EndPastWritesAsync()
    {
        await _pastToBlue.StopAsync();
        await _pastToGreen.StopAsync();
        return [.. _pastToBlue.Accepted, .. _pastToGreen.Accepted];
    }

    /// <summary>How many of the writes that were acknowledged past the router are not on a server.</summary>
    public async Task<int> CountMissingAsync(IReadOnlyList<AcceptedWrite> writes, IPEndPoint server)
    {
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

    private static long Applied(string info) =>
        long.Parse(info.Split("slave_repl_offset:", StringSplitOptions.None)[1].Split('\r', '\n')[0], CultureInfo.InvariantCulture);

    private void Freeze(int id, TimeSpan time) => Service.Bed.Own(new FrozenProcess(id, time));

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
