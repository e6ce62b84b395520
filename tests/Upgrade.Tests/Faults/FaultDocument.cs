using System.Globalization;
using System.Text;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>Writes docs/faults.md from the rows of the runs so far.</summary>
internal static class FaultDocument
{
    /// <summary>The beginning of Redis' document.</summary>
    public const string Redis = """
        # Faults: what was done to an upgrade, and what came of it

        PostgreSQL has a table of its own: [faults-postgresql.md](faults-postgresql.md); and so have volumes that move from machine to machine:
        [faults-volumes.md](faults-volumes.md).

        Generated from the runs of `tests/Upgrade.Tests/Faults` by `bash tests/faults.sh`; do not edit it by hand. Every case is run twice on real
        servers and real processes (Redis 7.0 to 8.0), under load through the gateway and with clients that go past it to both clusters: once it is
        ended with `statefuldeploy resume`, once with `statefuldeploy undo`. In the second run of the cases that kill the orchestrator its keeper is
        killed too, so that what the column *after the fault* tells is the guard's doing alone.


        """;

    /// <summary>The beginning of PostgreSQL's document.</summary>
    public const string Postgres = """
        # Faults of PostgreSQL: what was done to an upgrade, and what came of it

        Generated from the runs of `tests/Upgrade.Tests/Faults` by `bash tests/faults.sh`, as [faults.md](faults.md) is for Redis; do not edit it by
        hand. Every case is run twice on real servers and real processes (PostgreSQL 15 to 17 behind PgBouncer), under load through PgBouncer and
        with clients that go past it to both clusters: once it is ended with `statefuldeploy resume`, once with `statefuldeploy undo`. In the
        second run of the cases that kill the orchestrator its keeper is killed too, so that what the column *after the fault* tells is the guard's
        doing alone.


        """;

    private const string Legend = """
        - *Runs in*: `tests/run.sh` has the cases marked *every run*; `tests/run.sh --full` and `tests/faults.sh` have all of them.
        - *After the fault*: the cluster that must take writes again before anybody else acts; *either* where a race decides.
        - *Writes refused* got the engine's own error and were not applied; *indeterminate* writes lost their connection before they were answered.
        - *Lost* and *duplicated* count acknowledged writes through the router and past it, read back from the live server.
        - *Gap*: the longest time that any writer waited between two acknowledgements, over the whole run, as a bound.


        """;

    public static string Text(string head, IReadOnlyList<FaultCase> cases)
    {
        var text = new StringBuilder(head).Append(Legend);
        text.Append(Summary(cases));
        foreach (var group in cases.GroupBy(fault => fault.Fault, StringComparer.Ordinal))
        {
            text.Append($"## {group.Key}\n\n");
            text.Append("| when | runs in | after the fault | resume ends on | undo ends on | reads failed | writes refused | indeterminate | connections dropped | lost | duplicated | gap |\n");
            text.Append("|---|---|---|---|---|---|---|---|---|---|---|---|\n");
            foreach (var fault in group)
            {
                text.Append(Line(fault));
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Whether one was run at all.</summary>
    public static bool HasRows(IReadOnlyList<FaultCase> cases) => cases.Any(fault => Rows(fault).Count > 0);

    /// <summary>Whether every case has both of its rows.</summary>
    public static bool IsComplete(IReadOnlyList<FaultCase> cases) => cases.All(fault => Rows(fault).Count == 2);

    private static List<FaultRow> Rows(FaultCase fault) =>
        [.. new[] { FaultRun.Resume, FaultRun.Undo }.Select(ending => FaultBook.Find(fault.Id, ending)).OfType<FaultRow>()];

    private static string Summary(IReadOnlyList<FaultCase> cases)
    {
        var rows = cases.SelectMany(Rows).ToList();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{cases.Count} cases ({cases.Count(fault => fault.Representative)} of them in every run), {2 * cases.Count} rows; {rows.Count} rows were run for this table, {rows.Count(row => row.Broken.Length == 0)} of them kept every promise. Acknowledged writes: {rows.Sum(row => row.Acknowledged):N0}; lost: {rows.Sum(row => row.Lost)}; duplicated: {rows.Sum(row => row.Duplicated)}.\n\n");
    }

    private static string Line(FaultCase fault)
    {
        var rows = Rows(fault);
        string[] cells =
        [
            $"{(fault.Back ? "undo: " : string.Empty)}{fault.Step}, {Words(fault.Moment)}",
            fault.Representative ? "every run" : "`--full`",
            fault.Live ?? "either",
            End(rows, FaultRun.Resume),
            End(rows, FaultRun.Undo),
            .. rows.Count == 0 ? Enumerable.Repeat("", 7) : Figures(fault, rows),
        ];
        return $"| {string.Join(" | ", cells)} |\n";
    }

    private static string[] Figures(FaultCase fault, List<FaultRow> rows) =>
    [
        Some(rows.Sum(row => row.ReadsFailed)),
        Some(rows.Sum(row => row.WritesRefused)),
        Some(rows.Sum(row => row.Indeterminate)),
        Some(rows.Sum(row => row.Dropped)),
        Number(rows.Sum(row => row.Lost)),
        Number(rows.Sum(row => row.Duplicated)),
        Bound(rows.Max(row => row.GapSeconds), fault.Shape.WindowDeadline),
    ];

    private static string End(List<FaultRow> rows, string ending) => rows.Find(row => row.Ending == ending) is { } row ? row.End + Mark(row) : "not run";

    internal static string Mark(FaultRow row) => row.Broken.Length == 0 ? string.Empty : $" **BROKEN: {row.Broken.ReplaceLineEndings(" ")}**";

    // How many depends on the load and the machine; whether there were any does not.
    internal static string Some(long count) => count == 0 ? "0" : "some";

    internal static string Number(long count) => count.ToString(CultureInfo.InvariantCulture);

    internal static string Bound(double seconds, TimeSpan deadline) => seconds switch
    {
        <= 1 => "≤ 1 s",
        _ when seconds <= deadline.TotalSeconds + 1 => $"≤ {deadline.TotalSeconds + 1:0} s",
        _ => $"≤ {deadline.TotalSeconds + 6:0} s",
    };

    private static string Words(FaultMoment moment) => moment switch
    {
        FaultMoment.BeforeAct => "before the act",
        FaultMoment.AfterAct => "after the act, before its record",
        _ => "after its record",
    };
}
