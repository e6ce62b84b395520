using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Fleet;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using StatefulDeploy.Upgrade.Tests.Fleet;
using StatefulDeploy.Upgrade.Tests.Stage;

namespace StatefulDeploy.Upgrade.Tests.Faults.Volumes;

/// <summary>Six machines, three disks and the load on them, and what can be done to them. The first volume that moves is the second node's.</summary>
internal sealed class VolumeFaultScene
{
    private static readonly LedgerOptions Load = new() { Writers = 4, Readers = 2, WritesPerSecond = 60, ReadsPerSecond = 60, Timeout = TimeSpan.FromSeconds(40) };
    private readonly TestBed _bed;
    private TestProcess? _stranger;

    private VolumeFaultScene(TestBed bed, ReuseService service, Ledger ledger, MountWatch watch)
    {
        _bed = bed;
        Service = service;
        Ledger = ledger;
        Watch = watch;
        Began = ledger.Now;
    }

    public ReuseService Service { get; }

    public Ledger Ledger { get; }

    public MountWatch Watch { get; }

    public long Began { get; }

    /// <summary>The machine whose volume goes first.</summary>
    public TestMachine From => Service.Blue(2);

    /// <summary>The machine that it goes to.</summary>
    public TestMachine To => Service.Green(2);

    /// <summary>The storage under the second disk.</summary>
    public SmallDisk Storage { get; private init; } = null!;

    public static async Task<VolumeFaultScene> StartAsync(TestBed bed, VolumeFaultCase fault)
    {
        var storage = fault.OnSmallStorage ? bed.Own(await SmallDisk.MountAsync(bed.NewFolder("storage"), 300)) : null;
        var service = await ReuseService.StartAsync(bed, new ReuseShape { CopiedDisk = fault.Copied ? 2 : 1, Storage = storage?.Folder });
        var watch = bed.Own(new MountWatch(service.Machines, service.Disks));
        var ledger = await bed.StartLedgerAsync(service.Router, Load);
        return new VolumeFaultScene(bed, service, ledger, watch) { Storage = storage! };
    }

    /// <summary>Ends whatever the product has on the operator's machine but for its gateway.</summary>
    public Task KillAllAsync() => Service.Operator.TryRunAsync("pkill", "-9", "-f", "(statefuldeploy|Upgrade.Host).dll (upgrade|keeper|guard)");

    /// <summary>Ends the keeper.</summary>
    public Task KillKeeperAsync() => Service.Operator.TryRunAsync("pkill", "-9", "-f", "statefuldeploy.dll keeper");

    /// <summary>Ends the sshd of a machine with all its sessions; the network, and the servers, stay.</summary>
    public static async Task CutSshAsync(TestMachine machine)
    {
        await machine.StopSshAsync();
        await machine.TryRunAsync("pkill", "-9", "-f", "^sshd: ");
    }

    /// <summary>Somebody works in the folder of the first volume.</summary>
    public async Task HoldAsync()
    {
        _stranger = _bed.Own(From.Start("sh", "-c", $"cd {ReuseService.MountPoint(2)} && echo holding && exec sleep 1000"));
        await _stranger.WaitForLineAsync("holding", ReuseService.Patience);
    }

    /// <summary>Somebody starts the old server by hand, on the folder that its volume was mounted at.</summary>
    public async Task StartOldOnEmptyAsync()
    {
        _stranger = _bed.Own(From.Start(ServerCatalog.Get("redis-7.0").Program, "/srv/redis.conf"));
        await TestBed.WaitUntilAsync(async () => (await Service.BlueInfoAsync(2)).Contains("redis_version", StringComparison.Ordinal), "the stranger answers", ReuseService.Patience);
    }

    /// <summary>Somebody sees what they did: what they started has ended, and what it wrote beside the volume is away.</summary>
    public async Task SendStrangerAwayAsync()
    {
        await _stranger!.KillAsync();
        if ((await Service.MountedOnAsync(2)).Contains(From.Name))
        {
            return;
        }

        await From.RunAsync("sh", "-c", $"rm -rf {ReuseService.MountPoint(2)}/*");
    }

    /// <summary>Leaves the first volume hardly any room.</summary>
    public Task FillVolumeAsync() => From.RunAsync("sh", "-c", $"cd {ReuseService.MountPoint(2)}; fallocate -l $(( $(stat -f -c '%a * %S' .) - (10 << 20) )) filler");

    /// <summary>Undoes <see cref="FillVolumeAsync"/>, where the volume is.</summary>
    public Task FreeVolumeAsync() => From.RunAsync("rm", "-f", ReuseService.MountPoint(2) + "/filler");

    /// <summary>What a program is started with to see a time that is an hour ahead.</summary>
    public static IReadOnlyDictionary<string, string?> AnHourAhead() => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["LD_PRELOAD"] = ServerCatalog.Get("faketime").Program,
        ["FAKETIME"] = "+1h",
        ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        ["NO_FAKE_STAT"] = "1",
    };

    /// <summary>Which cluster's writer takes the write of a client who goes past the router; <c>none</c> and <c>both</c> are answers too.</summary>
    public async Task<string> LiveAsync() => (await Service.TakesWritesAsync(green: false), await Service.TakesWritesAsync(green: true)) switch
    {
        (true, true) => "both",
        (true, false) => "blue",
        (false, true) => "green",
        _ => "none",
    };
}
