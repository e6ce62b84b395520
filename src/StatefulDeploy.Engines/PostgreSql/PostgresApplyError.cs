using System.Text.RegularExpressions;
using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>Why a target fails to apply what it is sent. Only its log tells that: there is no view of it.</summary>
internal static partial class PostgresApplyError
{
    private const string Tail = "65536";

    /// <summary>The last failure of a subscriber in the log of a server; null when its log cannot be read or tells of none.</summary>
    public static async Task<string?> FindAsync(Node node, NpgsqlConnection connection, IHost host, CancellationToken cancellationToken)
    {
        foreach (string file in await LogsAsync(node, connection, cancellationToken))
        {
            CommandResult said = await host.RunAsync(new HostCommand("tail", "-c", Tail, file), cancellationToken);
            if (said.ExitCode == 0 && Parse(said.Output) is { } reason)
            {
                return reason;
            }
        }

        return null;
    }

    /// <summary>The last failure of a subscriber in the text of a log, as one sentence: what, which key, which table.</summary>
    public static string? Parse(string log)
    {
        string[] lines = log.Split('\n');
        for (int at = lines.Length - 1; at >= 0; at--)
        {
            if (Missing().Match(lines[at]) is { Success: true } missing)
            {
                return missing.Groups["what"].Value;
            }

            if (Context().Match(lines[at]) is { Success: true } context && FindBefore(lines, at) is { } found)
            {
                string table = context.Groups["table"].Value;
                return $"{found}{(table.Length > 0 ? $"; {context.Groups["act"].Value} in {table.Replace("\"", string.Empty, StringComparison.Ordinal)}" : string.Empty)}";
            }
        }

        return null;
    }

    // A server that we made has its log beside its folder; another tells where its collector writes.
    private static async Task<List<string>> LogsAsync(Node node, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        List<string> files = node.DataDirectory is null ? [] : [PostgresGreenRecord.LogOf(node)];
        if (await connection.ScalarAsync<string>("SELECT pg_current_logfile('stderr')", cancellationToken) is { } collected)
        {
            files.Add(Path.Combine(await connection.SettingAsync("data_directory", cancellationToken), collected));
        }

        return files;
    }

    // The error and its detail are told right before the context.
    private static string? FindBefore(string[] lines, int context)
    {
        string detail = string.Empty;
        for (int at = context - 1; at >= Math.Max(0, context - 4); at--)
        {
            if (Detail().Match(lines[at]) is { Success: true } more)
            {
                detail = ": " + more.Groups["what"].Value.TrimEnd('.');
            }

            if (Error().Match(lines[at]) is { Success: true } error)
            {
                return error.Groups["what"].Value + detail;
            }
        }

        return null;
    }

    [GeneratedRegex(@"ERROR:\s+(?<what>logical replication target relation .*)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Missing();

    [GeneratedRegex(@"CONTEXT:\s+processing remote data for replication origin ""[^""]*"" during message type ""(?<act>[A-Z]+)""( for replication target relation (?<table>.*?))?( column .*?)? in transaction", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Context();

    [GeneratedRegex(@"ERROR:\s+(?<what>.*)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Error();

    [GeneratedRegex(@"DETAIL:\s+(?<what>.*)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Detail();
}
