using StatefulDeploy.Harness;
using StatefulDeploy.Journal;
using StatefulDeploy.Load;
using StatefulDeploy.Upgrade.Tests.Stage;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>A service under load through its router, clients that go past it to both clusters, and an operator at work.</summary>
internal abstract class FaultScene(ILiveService service, Ledger ledger)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    public ILiveService Service => service;

    public Ledger Ledger => ledger;

    public long Began { get; } = ledger.Now;

    /// <summary>The operator whose process the fault happens to, or around.</summary>
    public OperatorProcess? Orchestrator { get; set; }

    /// <summary>The service as its clients reach it.</summary>
    public abstract ILedgerEndpoint Router { get; }

    /// <summary>Green's disk, where the case gave it one of its own.</summary>
    public SmallDisk? Disk { get; protected init; }

    /// <summary>The port of green's primary.</summary>
    protected abstract int GreenPort { get; }

    /// <summary>The router's process.</summary>
    protected abstract int RouterProcess { get; }

    public static async Task<FaultScene> StartAsync(TestBed bed, FaultCase fault) => fault.Shape.Engine == "postgresql"
        ? await PostgresFaultScene.StartAsync(bed, fault)
        : await RedisFaultScene.StartAsync(bed, fault);

    /// <summary>Runs a command of the product to its end.</summary>
    public Task<CommandOutcome> OperateAsync(params string[] arguments) => OperatorProcess.RunAsync(service, Patience, arguments);

    /// <summary>Ends processes of the product at once: <c>guard</c>, <c>keeper</c>, <c>worker</c>.</summary>
    public int Kill(string verb)
    {
        var found = ProductProcess.Find(service.Bed.Folder, verb);
        foreach (var process in found)
        {
            Signals.Kill(process.Id);
        }

        return found.Count;
    }

    /// <summary>Ends green's primary at once.</summary>
    public void KillGreen() => Signals.Kill(GreenProcess());

    /// <summary>Green's primary as a process.</summary>
    public int GreenProcess() => ProductProcess.ListeningOn(GreenPort) is > 0 and var id ? id : throw new InvalidOperationException("Green does not run.");

    /// <summary>Ends green's primary at once, and starts it as it had been started, as a supervisor would.</summary>
    public abstract Task RestartGreenAsync();

    /// <summary>Ends blue's primary at once and starts it on the data it left.</summary>
    public abstract Task CrashBlueAsync();

    /// <summary>Stops blue's primary in good order and starts it.</summary>
    public abstract Task RestartBlueAsync();

    /// <summary>Green falls behind from now on.</summary>
    public void SlowGreenDown() => service.Bed.Own(new SlowGreen(GreenPort, TimeSpan.FromMilliseconds(150), TimeSpan.FromMilliseconds(5)));

    /// <summary>From now on nothing of blue reaches green.</summary>
    public abstract Task CutLinkAsync();

    /// <summary>The undo of <see cref="CutLinkAsync"/>.</summary>
    public abstract Task MendLinkAsync();

    /// <summary>The router stands still for a time from now.</summary>
    public void FreezeRouter(TimeSpan time) => Freeze(RouterProcess, time);

    /// <summary>The guard stands still for a time from now, or for ever if somebody ends it.</summary>
    public void SuspendGuard(TimeSpan time) => Freeze(ProductProcess.Find(service.Bed.Folder, "guard").Single().Id, time);

    /// <summary>Ends the router at once; a supervisor starts it again.</summary>
    public abstract Task RestartRouterAsync();

    /// <summary>Waits until writes through the router are acknowledged again.</summary>
    public Task WritesFlowAsync(TimeSpan within) => ledger.WaitForWritesAsync(20, within);

    /// <summary>Whether the upgrade has come to a step, as its journal says.</summary>
    public bool HasBegun(StepName step)
    {
        var journals = Path.Combine(service.StateFolder, "upgrades");
        return Directory.Exists(journals) && Directory.EnumerateFiles(journals, "*.jsonl").Max(StringComparer.Ordinal) is { } newest
            && UpgradeState.Of(newest, JournalFile.Read(newest)).StatusOf(step, back: false) != StepStatus.Pending;
    }

    /// <summary>Which cluster takes the write of an ordinary client who goes past the router; <c>none</c> and <c>both</c> are answers too.</summary>
    public async Task<string> LiveAsync() => (await TakesWritesAsync("blue"), await TakesWritesAsync("green")) switch
    {
        (true, true) => "both",
        (true, false) => "blue",
        (false, true) => "green",
        _ => "none",
    };

    /// <summary>The clients that go past the router let blue go: with one of them connected it is not retired.</summary>
    public abstract void LeaveBlue();

    public abstract Task<IReadOnlyList<AcceptedWrite>> EndPastWritesAsync();

    /// <summary>One cluster's server, <c>blue</c> or <c>green</c>, past the router.</summary>
    public abstract ILedgerEndpoint At(string side);

    /// <summary>How many of the writes that were acknowledged past the router are not on a cluster.</summary>
    public abstract Task<int> CountMissingAsync(IReadOnlyList<AcceptedWrite> writes, string side);

    /// <summary>Whether a cluster takes the write of an ordinary client who goes past the router.</summary>
    protected abstract Task<bool> TakesWritesAsync(string side);

    private void Freeze(int id, TimeSpan time) => service.Bed.Own(new FrozenProcess(id, time));
}
