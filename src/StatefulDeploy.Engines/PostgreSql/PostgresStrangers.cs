using System.Globalization;
using Npgsql;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>The sessions of a closed node that are not ours, and their end.</summary>
internal static class PostgresStrangers
{
    /// <summary>
    /// Sessions that can run SQL and are not our role's: <c>usename</c> is who logged in, whatever role it took since. A walsender of a database
    /// runs SQL too; one without a database is physical replication and runs none.
    /// </summary>
    public const string Condition = "a.datid IS NOT NULL AND a.usename IS DISTINCT FROM 'statefuldeploy' AND a.backend_type NOT IN ('autovacuum worker', 'logical replication worker', 'logical replication apply worker', "
        + "'logical replication parallel worker', 'logical replication tablesync worker', 'parallel worker')";

    private const string Round = $"""
        SELECT count(*), count(*) FILTER (WHERE CASE WHEN $1 OR a.xact_start IS NULL THEN pg_terminate_backend(a.pid) END)
        FROM pg_stat_activity a WHERE {Condition}
        """;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan SettlesWithin = TimeSpan.FromMilliseconds(50);

    /// <summary>Ends idle sessions now, and those in a transaction when it is over or the grace time is. Returns when none is left.</summary>
    public static async Task EndAsync(NpgsqlConnection control, TimeSpan grace, CancellationToken cancellationToken)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (await control.ScalarAsync<long>(Round, cancellationToken, TimeProvider.System.GetElapsedTime(start) >= grace) > 0)
        {
            await Task.Delay(Poll, cancellationToken);
        }
    }

    /// <summary>How many there are.</summary>
    public static Task<long> CountAsync(NpgsqlConnection control, CancellationToken cancellationToken) =>
        control.ScalarAsync<long>($"SELECT count(*) FROM pg_stat_activity a WHERE {Condition}", cancellationToken);

    /// <summary>
    /// Ends processes of the server that were forked before it read the closed rules and are still logging in: they judge by the rules of their
    /// birth, and are in no list of sessions yet. Most are done in a moment, and are then seen by <see cref="EndAsync"/>.
    /// </summary>
    /// <returns>Whether there was one.</returns>
    public static async Task<bool> EndLateAsync(NpgsqlConnection control, string pidFile, IHost host, CancellationToken cancellationToken)
    {
        long start = TimeProvider.System.GetTimestamp();
        HashSet<int> late = await FindLateAsync(control, pidFile, host, cancellationToken);
        if (late.Count == 0)
        {
            return false;
        }

        HashSet<int> first = [.. late];
        while (late.Count > 0 && TimeProvider.System.GetElapsedTime(start) < SettlesWithin)
        {
            await Task.Delay(Poll, cancellationToken);
            late.IntersectWith(await FindLateAsync(control, pidFile, host, cancellationToken));
        }

        foreach (int id in late)
        {
            await host.RunAsync(new HostCommand("kill", "-TERM", id.ToString(CultureInfo.InvariantCulture)), cancellationToken);
        }

        // Until all of them are gone or have become sessions.
        while (late.Count > 0)
        {
            await Task.Delay(Poll, cancellationToken);
            late.IntersectWith(await FindLateAsync(control, pidFile, host, cancellationToken));
        }

        return first.Count > 0;
    }

    private static async Task<HashSet<int>> FindLateAsync(NpgsqlConnection control, string pidFile, IHost host, CancellationToken cancellationToken)
    {
        // The children are read before the list of sessions: one that became a session in between is in the list.
        string server = (await PostgresControl.ReadAsync(pidFile, host, cancellationToken)).Split('\n')[0].Trim();
        List<(int Id, string Title)> children = await ChildrenAsync(server, host, cancellationToken);
        HashSet<int> known = [.. await control.ListAsync("SELECT pid FROM pg_stat_activity UNION SELECT pid FROM pg_stat_get_activity(NULL)", row => row.GetInt32(0), cancellationToken)];
        return [.. children.Where(child => !known.Contains(child.Id) && !IsServersOwn(child.Title)).Select(child => child.Id)];
    }

    // Processes of the server that are in no list of sessions, and zombies, whose title is empty.
    private static bool IsServersOwn(string title) =>
        title.Length == 0 || title.EndsWith(" logger", StringComparison.Ordinal) || title.EndsWith(" syslogger", StringComparison.Ordinal)
        || title.Contains("archiver", StringComparison.Ordinal) || title.Contains("stats collector", StringComparison.Ordinal) || title.Contains("slotsync", StringComparison.Ordinal)
        || title.Contains("walreceiver", StringComparison.Ordinal) || title.Contains("autovacuum", StringComparison.Ordinal) || title.Contains("logical replication", StringComparison.Ordinal);

    private static async Task<List<(int Id, string Title)>> ChildrenAsync(string server, IHost host, CancellationToken cancellationToken)
    {
        if (await host.ReadFileAsync($"/proc/{server}/task/{server}/children", cancellationToken) is not { } list)
        {
            CommandResult said = await host.RunAsync(new HostCommand("ps", "-o", "pid=,args=", "--ppid", server), cancellationToken);
            return [.. said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(line => line.Split(' ', 2)).Select(words => (int.Parse(words[0], CultureInfo.InvariantCulture), words.Length > 1 ? words[1].Trim() : string.Empty))];
        }

        List<(int, string)> children = [];
        foreach (string id in list.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            children.Add((int.Parse(id, CultureInfo.InvariantCulture), await TitleAsync(id, host, cancellationToken)));
        }

        return children;
    }

    private static async Task<string> TitleAsync(string id, IHost host, CancellationToken cancellationToken)
    {
        try
        {
            return (await host.ReadFileAsync($"/proc/{id}/cmdline", cancellationToken) ?? string.Empty).Replace('\0', ' ').Trim();
        }
        catch (UpgradeException)
        {
            return string.Empty; // It ended while it was read.
        }
    }
}
