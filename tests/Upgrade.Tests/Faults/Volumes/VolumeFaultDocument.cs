using System.Globalization;
using System.Text;
using StatefulDeploy.Upgrade.Tests.Fleet;

namespace StatefulDeploy.Upgrade.Tests.Faults.Volumes;

/// <summary>Writes docs/faults-volumes.md from the rows of the runs so far.</summary>
internal static class VolumeFaultDocument
{
    private const string Head = """
        # Faults of moving volumes: what was done to an upgrade, and what came of it

        Generated from the runs of `tests/Upgrade.Tests/Faults/Volumes` by `bash tests/faults.sh`, as [faults.md](faults.md) is for an upgrade by
        replication; do not edit it by hand. A Redis 7.0 of three nodes on six machines (namespaces with an sshd each) is upgraded to 8.0 by
        VolumeReuse: its three disks (loop devices, ext4 and xfs) go to three other machines, under load through the gateway. Every case is run
        twice: once it is ended with `statefuldeploy resume`, once with `statefuldeploy undo`. In the second run the keeper is killed too.

        - *When*: at which act on the first volume that moves, which stands still while the fault happens.
        - *Runs in*: `tests/run.sh` has the rows marked *every run*; `tests/run.sh --full` and `tests/faults.sh` have all of them. *not run*: a row
          that was not run for this table.
        - *It ended with*: the error of the upgrade that met the fault; *nobody told* where its process was killed, *nothing* where it got over it.
        - *Mounted twice* counts what was seen by a watch that looks at the mounts of all machines ten times a second.
        - *Lost* and *duplicated* count acknowledged writes through the router, read back from the live server.
        - *Gap*: the longest time that any writer waited between two acknowledgements, over the whole run, as a bound.


        """;

    private static IReadOnlyList<VolumeFaultCase> Cases => VolumeFaultTable.Cases;

    /// <summary>The document; null when no row was run.</summary>
    public static string? Text()
    {
        var rows = Cases.SelectMany(Rows).ToList();
        if (rows.Count == 0)
        {
            return null;
        }

        var text = new StringBuilder(Head);
        text.Append(
            CultureInfo.InvariantCulture,
            $"{Cases.Count} cases, {2 * Cases.Count} rows; {rows.Count} rows were run for this table, {rows.Count(row => row.Broken.Length == 0)} of them kept every promise. Acknowledged writes: {rows.Sum(row => row.Acknowledged):N0}; lost: {rows.Sum(row => row.Lost)}; duplicated: {rows.Sum(row => row.Duplicated)}; volumes mounted twice: {rows.Sum(row => row.MountedTwice)}.\n\n");
        foreach (var group in Cases.GroupBy(fault => fault.Fault, StringComparer.Ordinal))
        {
            text.Append($"## {group.Key}\n\n");
            text.Append("| when | runs in | it ended with | resume ends on | undo ends on | mounted twice | reads failed | writes failed | connections dropped | lost | duplicated | gap |\n");
            text.Append("|---|---|---|---|---|---|---|---|---|---|---|---|\n");
            foreach (var fault in group)
            {
                text.Append(Line(fault));
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Whether every case has both of its rows.</summary>
    public static bool IsComplete() => Cases.All(fault => Rows(fault).Count == 2);

    private static List<FaultRow> Rows(VolumeFaultCase fault) =>
        [.. new[] { FaultRun.Resume, FaultRun.Undo }.Select(ending => FaultBook.Find(fault.Id, ending)).OfType<FaultRow>()];

    private static string Line(VolumeFaultCase fault)
    {
        var rows = Rows(fault);
        string[] cells =
        [
            fault.When,
            fault.Representative is { } ending ? $"every run ({ending}); `--full`" : "`--full`",
            rows.Count == 0 ? "" : string.Join("; ", rows.Select(row => Said(fault, row)).Distinct(StringComparer.Ordinal)),
            End(rows, FaultRun.Resume),
            End(rows, FaultRun.Undo),
            .. rows.Count == 0 ? Enumerable.Repeat("", 7) : Figures(rows),
        ];
        return $"| {string.Join(" | ", cells)} |\n";
    }

    private static string[] Figures(List<FaultRow> rows) =>
    [
        FaultDocument.Number(rows.Sum(row => row.MountedTwice)),
        FaultDocument.Some(rows.Sum(row => row.ReadsFailed)),
        FaultDocument.Some(rows.Sum(row => row.WritesRefused + row.Indeterminate)),
        FaultDocument.Some(rows.Sum(row => row.Dropped)),
        FaultDocument.Number(rows.Sum(row => row.Lost)),
        FaultDocument.Number(rows.Sum(row => row.Duplicated)),
        FaultDocument.Bound(rows.Max(row => row.GapSeconds), ReuseService.WindowDeadline),
    ];

    private static string Said(VolumeFaultCase fault, FaultRow row) => row.Said.Length > 0 ? $"`{row.Said}`" : fault.GoesOn ? "nothing" : "nobody told";

    private static string End(List<FaultRow> rows, string ending) => rows.Find(row => row.Ending == ending) is { } row ? row.End + FaultDocument.Mark(row) : "not run";
}
