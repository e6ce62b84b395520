using StatefulDeploy.Upgrade.Tests.Fleet;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Upgrade.Tests.Faults.Volumes;

/// <summary>All cases. docs/faults-volumes.md has a row for each, in this order.</summary>
internal static class VolumeFaultTable
{
    // The moments of one volume's way, each told by the program that does it.
    private static readonly (string When, (string Machine, string Program, string Words) Trap)[] Way =
    [
        ("in the snapshot", ("blue-2", "find", "*--reflink=always*--target-directory*")),
        ("at the unmount", ("blue-2", "umount", "*volume-2*")),
        ("at the detachment", ("blue-2", "losetup", "*--detach*")),
        ("at the attachment", ("green-2", "losetup", "*--find*")),
        ("at the mount", ("green-2", "mount", "*volume-2*")),
        ("at the first write after the mount", ("green-2", "dd", "*of=*volume-2*")),
        ("at the start of the new server", ("green-2", "setsid", "*redis-8.0*")),
    ];

    public static IReadOnlyList<VolumeFaultCase> Cases { get; } =
    [
        .. OrchestratorKilled(),
        .. EverybodyKilled(),
        .. SshCut(),
        .. MachineDies(),
        .. Disks(),
        .. EmptyMountPoints(),
        ClockSkewed(),
    ];

    public static VolumeFaultCase Get(string id) => Cases.Single(fault => fault.Id == id);

    private static IEnumerable<VolumeFaultCase> OrchestratorKilled() =>
        from at in new[]
        {
            ("before the first volume", (StepName.Provision, FaultMoment.BeforeAct, "new-2")),
            ("after the first volume, before its record", (StepName.Provision, FaultMoment.AfterAct, "new-2")),
            ("after the second volume", (StepName.Provision, FaultMoment.AfterRecord, "new-3")),
            ("before the old writer's volume", (StepName.Join, FaultMoment.BeforeAct, "new-1")),
            ("after the old writer's volume, before its record", (StepName.Join, FaultMoment.AfterAct, "new-1")),
        }
        select new VolumeFaultCase { Fault = "The orchestrator is killed", When = at.Item1, At = at.Item2, Do = "Kill", AfterSwitch = at.Item2.Item1 == StepName.Join };

    private static IEnumerable<VolumeFaultCase> EverybodyKilled() => Way.Select(way => new VolumeFaultCase
    {
        Fault = "The orchestrator, its keeper and its guard are killed",
        When = way.When,
        Trap = way.Trap,
        Strike = scene => scene.KillAllAsync(),
        Representative = way.When == "at the unmount" ? FaultRun.Undo : null,
    });

    private static IEnumerable<VolumeFaultCase> SshCut() => Way.Select(way => new VolumeFaultCase
    {
        Fault = "The ssh to the machine is cut",
        When = way.When,
        Trap = way.Trap,
        Strike = scene => VolumeFaultScene.CutSshAsync(scene.Service.Machines[way.Trap.Machine]),
        Mend = scene => scene.Service.Machines[way.Trap.Machine].StartSshAsync(),
        Says = "VolumeStranded",
        Representative = way.When == "at the mount" ? FaultRun.Resume : null,
    });

    private static IEnumerable<VolumeFaultCase> MachineDies() => Way.Skip(4).Select(way => new VolumeFaultCase
    {
        Fault = "The machine that the volume goes to loses its power, and is started again",
        When = way.When,
        Trap = way.Trap,
        Strike = scene => scene.To.CrashAsync(),
        Mend = scene => scene.To.StartAsync(),
        Says = "VolumeStranded",
    });

    private static IEnumerable<VolumeFaultCase> Disks() =>
    [
        new()
        {
            Fault = "Somebody holds the volume",
            When = "at the unmount",
            Prepare = scene => scene.HoldAsync(),
            Mend = scene => scene.SendStrangerAwayAsync(),
            Says = "VolumeBusy",
            Names = "(sleep)",
        },
        new()
        {
            Fault = "The disk fails",
            When = "at the first write after the mount",
            Trap = Way[5].Trap,
            OnSmallStorage = true,
            Strike = Now(scene => scene.Storage.Fill()),
            Mend = Now(scene => scene.Storage.Free()),
        },
        new()
        {
            Fault = "There is no room for the snapshot",
            When = "before the first volume",
            At = (StepName.Provision, FaultMoment.BeforeAct, "new-2"),
            Copied = true,
            Strike = scene => scene.FillVolumeAsync(),
            Mend = scene => scene.FreeVolumeAsync(),
            Says = "SnapshotSpaceMissing",
        },
    ];

    private static IEnumerable<VolumeFaultCase> EmptyMountPoints() =>
    [
        new()
        {
            Fault = "The volume is unmounted by somebody, so that the new server would start on an empty folder",
            When = "at the first write after the mount",
            Trap = Way[5].Trap,
            Strike = scene => scene.To.RunAsync("umount", ReuseService.MountPoint(2)),
            Mend = scene => scene.To.TryRunAsync("sh", "-c", $"mountpoint -q {ReuseService.MountPoint(2)} || rm -rf {ReuseService.MountPoint(2)}"),
            Names = "is not mounted",
        },
        new()
        {
            Fault = "The old server is started by somebody, on the folder that its volume has left",
            When = "at the attachment",
            Trap = Way[3].Trap,
            Strike = scene => scene.StartOldOnEmptyAsync(),
            Mend = scene => scene.SendStrangerAwayAsync(),
            Names = "is not mounted",
        },
    ];

    private static VolumeFaultCase ClockSkewed() => new()
    {
        Fault = "The clock of the operator's machine is an hour ahead of all others, and right again afterwards",
        When = "from the beginning to the switch",
        Skewed = true,
        GoesOn = true,
        Names = "1 h behind",
    };

    private static Func<VolumeFaultScene, Task> Now(Action<VolumeFaultScene> act) => scene =>
    {
        act(scene);
        return Task.CompletedTask;
    };
}
