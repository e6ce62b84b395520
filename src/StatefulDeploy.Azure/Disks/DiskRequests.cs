using System.Text.Json.Nodes;
using Azure.Core;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Azure.Machines;

namespace StatefulDeploy.Azure.Disks;

/// <summary>
/// The requests that change a machine's data disks. Where the API has it, an action names only the disks that come and go, so that nobody
/// else's change can be lost. Elsewhere the whole list is sent, with the version on which it is based.
/// </summary>
internal sealed class DiskRequests(ArmClient client, ResourceId machine)
{
    private const string Action = "attachDetachDataDisks";

    /// <summary>The request for some changes.</summary>
    public ArmRequest Of(MachineSight sight, IReadOnlyList<DiskChange> changes) =>
        client.Environment.Versions.HasAttachDetach ? ByAction(sight, changes, force: false) : ByList(sight, changes, force: false);

    /// <summary>The request that takes disks from a machine that does not let go of them.</summary>
    public ArmRequest Force(MachineSight sight, IReadOnlyList<DiskChange> changes) =>
        client.Environment.Versions.HasAttachDetach ? ByAction(sight, changes, force: true) : ByList(sight, changes, force: true);

    /// <summary>An update that changes nothing, by which Azure brings a machine in the state Failed in order.</summary>
    public ArmRequest Refresh(MachineSight sight) => client.Request(RequestMethod.Patch, machine) with { Body = new JsonObject(), IfMatch = sight.Resource.ETag };

    private ArmRequest ByAction(MachineSight sight, IReadOnlyList<DiskChange> changes, bool force)
    {
        var body = new JsonObject();
        if (Entries(changes.Where(change => !change.Attach), change => Leaving(change, force)) is { Count: > 0 } leaving)
            body["dataDisksToDetach"] = leaving;

        var taken = new List<int>();
        if (Entries(changes.Where(change => change.Attach), change => Coming(sight, change, taken)) is { Count: > 0 } coming)
            body["dataDisksToAttach"] = coming;
        return client.Request(RequestMethod.Post, machine, Action) with { Body = body };
    }

    private static JsonObject Leaving(DiskChange change, bool force)
    {
        var entry = new JsonObject { ["diskId"] = change.Disk.ToString() };
        if (force)
            entry["detachOption"] = "ForceDetach";
        return entry;
    }

    private static JsonObject Coming(MachineSight sight, DiskChange change, List<int> taken) => WithAccelerator(
        new JsonObject { ["diskId"] = change.Disk.ToString(), ["lun"] = LunOf(sight, change, taken), ["caching"] = change.Caching, ["deleteOption"] = "Detach" }, change);

    private ArmRequest ByList(MachineSight sight, IReadOnlyList<DiskChange> changes, bool force)
    {
        var list = new JsonArray();
        foreach (var disk in sight.Disks)
        {
            var entry = (JsonObject)disk.Entry.DeepClone();
            if (changes.Any(change => !change.Attach && change.Disk.Equals(disk.Disk)))
            {
                entry["toBeDetached"] = true;
                if (force)
                    entry["detachOption"] = "ForceDetach";
            }

            list.Add(entry);
        }

        var taken = new List<int>();
        foreach (var change in changes.Where(change => change.Attach))
        {
            list.Add(WithAccelerator(
                new JsonObject
                {
                    ["lun"] = LunOf(sight, change, taken),
                    ["name"] = change.Disk.Name,
                    ["createOption"] = "Attach",
                    ["caching"] = change.Caching,
                    ["deleteOption"] = "Detach",
                    ["managedDisk"] = new JsonObject { ["id"] = change.Disk.ToString() },
                },
                change));
        }

        var body = new JsonObject { ["properties"] = new JsonObject { ["storageProfile"] = new JsonObject { ["dataDisks"] = list } } };
        return client.Request(RequestMethod.Patch, machine) with { Body = body, IfMatch = sight.Resource.ETag };
    }

    private static JsonArray Entries(IEnumerable<DiskChange> changes, Func<DiskChange, JsonObject> entry) => [.. changes.Select(entry)];

    private static JsonObject WithAccelerator(JsonObject entry, DiskChange change)
    {
        if (change.WriteAccelerator)
            entry["writeAcceleratorEnabled"] = true;
        return entry;
    }

    // The number that it had where it came from, unless another disk has it here.
    private static int LunOf(MachineSight sight, DiskChange change, List<int> taken)
    {
        var lun = change.Lun is { } wanted && !taken.Contains(wanted) && sight.Disks.All(disk => disk.Lun != wanted || disk.IsLeaving) ? wanted : sight.FreeLun(taken);
        taken.Add(lun);
        return lun;
    }
}
