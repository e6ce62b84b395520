using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;
using StatefulDeploy.Harness.Azure.Faults;

namespace StatefulDeploy.Harness.Azure.Compute;

/// <summary>The disks that one operation on a machine attaches and detaches: planned and refused under the gate, then done.</summary>
/// <param name="cloud">Where.</param>
/// <param name="machine">The machine.</param>
internal sealed class DiskMoves(AzureCloud cloud, MachineResource machine)
{
    private readonly List<DiskMove> _attach = [];
    private readonly List<DiskMove> _detach = [];
    private readonly List<JsonObject> _listed = [];

    public bool Any => _attach.Count + _detach.Count > 0;

    /// <summary>Whether the machine's list changes, by disks that move or by what is said of those that stay.</summary>
    public bool Relists => Any || !JsonNode.DeepEquals(new JsonArray([.. _listed.Select(entry => entry.DeepClone())]), machine.DataDisks);

    public bool OnlyForcedDetaches => _attach.Count == 0 && _detach.Count > 0 && _detach.TrueForAll(move => move.Forced);

    public string Action => _attach.Count == 0 ? "detach" : _detach.Count == 0 ? "attach" : "swap";

    /// <summary>Plans what makes the machine's list that of a request.</summary>
    /// <param name="model">The machine as it will be.</param>
    /// <param name="wanted">The request's list.</param>
    public void Plan(JsonObject model, IReadOnlyList<JsonObject> wanted)
    {
        foreach (var entry in machine.DataDisks.OfType<JsonObject>())
        {
            var match = wanted.FirstOrDefault(other => Same(entry, other));
            var force = match.Text("detachOption") == "ForceDetach";
            if (force && !match.Flag("toBeDetached"))
            {
                throw ArmException.InvalidParameter("dataDisk.detachOption", "detachOption can be set only when toBeDetached is true.");
            }

            if (match is null || match.Flag("toBeDetached"))
            {
                Leave(entry, force);
            }
            else
            {
                Stay(model, entry, match);
            }
        }

        foreach (var entry in wanted.Where(entry => !entry.Flag("toBeDetached") && !machine.DataDisks.OfType<JsonObject>().Any(old => Same(old, entry))))
        {
            Come(model, entry);
        }

        AttachRules.CheckList(cloud, model, [.. _listed.Where(entry => !entry.Flag("toBeDetached"))]);
    }

    /// <summary>Accepts the plan: the machine's list tells it, and the disks are on their way.</summary>
    /// <param name="operation">The operation that does it.</param>
    public void Accept(ArmOperation operation)
    {
        machine.Properties.Child("storageProfile")["dataDisks"] = new JsonArray([.. _listed.Select(entry => entry.DeepClone())]);
        foreach (var move in _attach.Concat(_detach).Where(move => move.Disk is not null))
        {
            if (cloud.Store.Find<DiskResource>(move.Disk!.Id) is null)
            {
                cloud.Store.Add(move.Disk);
            }

            move.Disk.Moving = operation;
            move.Disk.Leaving = _detach.Contains(move);
        }
    }

    /// <summary>Does it: what leaves first, all of it at once.</summary>
    public async Task RunAsync(ArmOperation operation)
    {
        if (_detach.Count > 0)
        {
            await DetachAsync(operation);
        }

        if (_attach.Count > 0)
        {
            await AttachAsync(operation);
        }
    }

    /// <summary>Takes back what was accepted and never done.</summary>
    public void Forget()
    {
        foreach (var move in _attach.Where(move => move.Disk!.Owners.TrueForAll(owner => !machine.Is(owner))))
        {
            Unlist(move.Entry);
        }

        foreach (var entry in machine.DataDisks.OfType<JsonObject>())
        {
            entry["toBeDetached"] = false;
        }
    }

    // At half of its time a disk reads as free already, while the machine still has it on its list.
    private async Task DetachAsync(ArmOperation operation)
    {
        var half = cloud.Options.Delays.Detach / 2;
        foreach (var move in _detach.Where(move => !move.Forced && move.Disk is not null))
        {
            if (cloud.Faults.Take(FaultName.HungDetach, move.Disk!.Name) is { } hang)
            {
                await hang.Lifted.Task.WaitAsync(operation.Stopped);
            }
        }

        await cloud.DelayAsync(half, operation);
        foreach (var move in _detach.Where(move => move.Disk is not null))
        {
            if (cloud.Under(() => move.Disk!.Owners.Contains(machine.Id, StringComparer.OrdinalIgnoreCase)))
            {
                await cloud.Options.Hardware.DetachAsync(machine.Name, move.Disk!.Name, move.Lun);
            }

            cloud.Under(() => Free(move.Disk!));
            if (cloud.Faults.Take(FaultName.LingeringDetach, move.Disk!.Name) is { } linger)
            {
                await linger.Lifted.Task.WaitAsync(operation.Stopped);
            }
        }

        await cloud.DelayAsync(half, operation);
        cloud.Under(() =>
        {
            foreach (var move in _detach)
            {
                Unlist(move.Entry);
            }
        });
    }

    private async Task AttachAsync(ArmOperation operation)
    {
        await cloud.DelayAsync(cloud.Options.Delays.Attach, operation);
        foreach (var move in _attach)
        {
            if (cloud.Faults.Take(FaultName.FailedAttach, move.Disk!.Name) is { } fault)
            {
                throw new ArmException(500, fault.Code, $"Attach of the disk '{move.Disk.Name}' to the VM '{machine.Name}' failed: {fault.Code}.");
            }

            if (cloud.Under(() => cloud.Store.Find<DiskResource>(move.Disk.Id) != move.Disk))
            {
                throw new ArmException(404, "NotFound", $"Disk {move.Disk.Name} is not found.");
            }

            await cloud.Options.Hardware.AttachAsync(machine.Name, move.Disk.Name, move.Lun);
            cloud.Under(() =>
            {
                move.Disk.Owners.Add(machine.Id);
                move.Disk.HoldsData = true;
                move.Disk.TellOwners(machine.Running);
                cloud.Monitor.Attached(move.Disk);
            });
        }
    }

    private void Free(DiskResource disk)
    {
        disk.Owners.RemoveAll(owner => machine.Is(owner));
        disk.TellOwners(machine.Running);
    }

    private void Unlist(JsonObject entry)
    {
        foreach (var listed in machine.DataDisks.OfType<JsonObject>().Where(listed => Same(listed, entry)).ToList())
        {
            machine.DataDisks.Remove(listed);
        }
    }

    private void Stay(JsonObject model, JsonObject entry, JsonObject wanted)
    {
        if (wanted.Whole("lun") != entry.Whole("lun"))
        {
            throw ArmException.InvalidParameter("dataDisk.lun", $"The LUN of the attached data disk '{entry.Text("name")}' cannot be changed.");
        }

        var disk = Disk(entry);
        if (disk is not null && disk.Owners.Contains(machine.Id, StringComparer.OrdinalIgnoreCase))
        {
            var stays = entry.Copy();
            stays.Merge(wanted.Copy());
            _listed.Add(stays);
        }
        else if (disk is { Moving: null, Owners.Count: 0 } && machine.ProvisioningState == "Failed")
        {
            // It is on the list of a failed machine that has not got it: an update tries again.
            AttachRules.Check(cloud, machine, model, entry, disk);
            _listed.Add(entry.Copy());
            _attach.Add(new DiskMove(entry, disk, entry.Whole("lun")!.Value));
        }
    }

    private void Leave(JsonObject entry, bool force)
    {
        var leaves = entry.Copy();
        leaves["toBeDetached"] = true;
        _listed.Add(leaves);
        _detach.Add(new DiskMove(entry, Disk(entry), entry.Whole("lun")!.Value, force));
    }

    private void Come(JsonObject model, JsonObject entry)
    {
        var lun = entry.Whole("lun")!.Value;
        DiskResource disk;
        if (entry.Text("createOption") == "Attach")
        {
            var id = entry.Text("managedDisk", "id") ?? throw ArmException.InvalidParameter("dataDisk.managedDisk", "A disk to attach needs its managedDisk.id.");
            disk = cloud.Store.Find<DiskResource>(id) ?? throw new ArmException(404, "NotFound", $"Disk {id[(id.LastIndexOf('/') + 1)..]} is not found.");
            AttachRules.Check(cloud, machine, model, entry, disk);
        }
        else
        {
            disk = ManagedDisks.For(cloud, model, entry, entry.Text("name") ?? FormattableString.Invariant($"{machine.Name}_DataDisk_{lun}"));
        }

        _listed.Add(Listed(entry, disk, lun));
        _attach.Add(new DiskMove(entry, disk, lun));
    }

    private static JsonObject Listed(JsonObject entry, DiskResource disk, int lun) => new()
    {
        ["lun"] = lun,
        ["name"] = disk.Name,
        ["createOption"] = entry.Text("createOption"),
        ["caching"] = entry.Text("caching") ?? "None",
        ["writeAcceleratorEnabled"] = entry.Flag("writeAcceleratorEnabled"),
        ["managedDisk"] = new JsonObject { ["storageAccountType"] = disk.Sku, ["id"] = disk.Id },
        ["deleteOption"] = entry.Text("deleteOption") ?? "Detach",
        ["diskSizeGB"] = disk.SizeGB,
        ["toBeDetached"] = false,
    };

    private DiskResource? Disk(JsonObject entry) => cloud.Store.Find<DiskResource>(entry.Text("managedDisk", "id"));

    /// <summary>Whether entries are of the same disk; one that names none is known by its place.</summary>
    internal static bool Same(JsonObject one, JsonObject? other) => other is not null && (one.Text("managedDisk", "id"), other.Text("managedDisk", "id")) switch
    {
        ({ } a, { } b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase),
        _ => one.Whole("lun") == other.Whole("lun"),
    };
}
