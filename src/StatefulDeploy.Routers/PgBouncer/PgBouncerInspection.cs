using System.Globalization;
using StatefulDeploy.Model;

namespace StatefulDeploy.Routers.PgBouncer;

/// <summary>What stands against switching by one PgBouncer: judged by its file and by what its console says.</summary>
internal static class PgBouncerInspection
{
    private const string AnyName = "*";

    /// <summary>Judges.</summary>
    /// <param name="options">What the service file says about it.</param>
    /// <param name="writer">The writer of the cluster that is left.</param>
    /// <param name="text">Its configuration file.</param>
    /// <param name="databases">The databases that have a host, as its console names them.</param>
    /// <param name="settings">Its settings, as its console names them.</param>
    /// <param name="clients">How many are connected.</param>
    public static IReadOnlyList<Finding> Inspect(
        PgBouncerOptions options, NodeEndpoint writer, string text, IReadOnlyList<IReadOnlyDictionary<string, string>> databases, IReadOnlyList<IReadOnlyDictionary<string, string>> settings, int clients)
    {
        List<Finding> findings = [.. Targets(options, writer, text, databases), .. PoolModes(options, text)];
        var wait = settings.FirstOrDefault(row => row["key"] == "query_wait_timeout")?["value"];
        if (double.TryParse(wait, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 && seconds < options.WindowDeadline.TotalSeconds)
            findings.Add(Finding.Warn("PgBouncerWait", options.Admin, $"query_wait_timeout is {wait} s: clients that are held longer are disconnected, and a window may last {options.WindowDeadline.TotalSeconds:0} s.", "Set it above the window's deadline, or to 0."));

        findings.Add(Finding.Inform("PgBouncerClients", options.Admin, $"{clients} clients are connected to PgBouncer."));
        return findings;
    }

    private static IEnumerable<Finding> Targets(PgBouncerOptions options, NodeEndpoint writer, string text, IReadOnlyList<IReadOnlyDictionary<string, string>> databases)
    {
        var targets = PgBouncerConfig.Targets(text);
        if (targets is not [var only] || only != writer)
            yield return Finding.Refuse("PgBouncerTarget", options.Admin, $"PgBouncer's databases are at {string.Join(", ", targets)}, and the writer of the cluster is {writer}. Its pause is one for all.", "Let a PgBouncer serve this cluster alone, with the endpoint as the service file names it.");

        var names = PgBouncerConfig.Names(text);
        if (!names.Contains(AnyName, StringComparer.Ordinal) && databases.Select(row => row["name"]).Except(names, StringComparer.Ordinal).FirstOrDefault() is { } other)
            yield return Finding.Refuse("PgBouncerIncluded", options.Admin, $"PgBouncer has a database '{other}' that {options.Configuration.Path} does not name: it would stay where it is.", "Write all databases into this file itself (not by %include), and reload PgBouncer if the file was changed.");
    }

    private static IEnumerable<Finding> PoolModes(PgBouncerOptions options, string text)
    {
        var session = PgBouncerConfig.PoolModes(text).Contains("session", StringComparer.Ordinal);
        if (session && !options.KeepsSessions)
            yield return Finding.Refuse("PgBouncerPoolMode", options.Admin, "It pools sessions (pool_mode is session, its default, for all or for a database or user): a pause would wait until clients disconnect.", "Set pool_mode = transaction; or set router.settings.poolMode to session, and every connection that has a session is ended once at the switch.");
    }
}
