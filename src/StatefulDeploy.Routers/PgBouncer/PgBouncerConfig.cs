using System.Globalization;
using System.Text.RegularExpressions;
using StatefulDeploy.Model;

namespace StatefulDeploy.Routers.PgBouncer;

/// <summary>The text of a <c>pgbouncer.ini</c>: where its databases are, and how it pools.</summary>
internal static partial class PgBouncerConfig
{
    private const string Databases = "databases";
    private const string Users = "users";

    /// <summary>The endpoints of the section <c>[databases]</c>, each once.</summary>
    public static IReadOnlyList<NodeEndpoint> Targets(string text) => [.. Lines(text).Where(line => line.Section == Databases).Select(line => EndpointOf(line.Text)).OfType<NodeEndpoint>().Distinct()];

    /// <summary>Points every database that is at one of some endpoints to another; nothing else changes.</summary>
    public static string Repoint(string text, IReadOnlyCollection<NodeEndpoint> from, NodeEndpoint to) => string.Join('\n', Lines(text).Select(line =>
        line.Section == Databases && EndpointOf(line.Text) is { } endpoint && from.Contains(endpoint) ? Repoint(line.Text, to) : line.Text));

    /// <summary>The names of its databases; <c>*</c> stands for all others.</summary>
    public static IReadOnlyList<string> Names(string text) => [.. Lines(text).Where(line => line.Section == Databases).Select(line => line.Text.Split('=', 2)[0].Trim().Trim('"'))];

    /// <summary>The ways in which it pools: the one of all, and those of single databases and users.</summary>
    public static IReadOnlyList<string> PoolModes(string text) =>
    [
        Find(text, "pool_mode") ?? "session",
        .. Lines(text).Where(line => line.Section is Databases or Users).Select(line => PoolMode().Match(line.Text)).Where(match => match.Success).Select(match => match.Groups["value"].Value),
    ];

    /// <summary>The value of a setting of the section <c>[pgbouncer]</c>; null when it is not set.</summary>
    public static string? Find(string text, string name) => Lines(text)
        .Where(line => line.Section is not (Databases or Users))
        .Select(line => line.Text.Split('=', 2))
        .Where(parts => parts.Length == 2 && parts[0].Trim() == name)
        .Select(parts => parts[1].Trim()).LastOrDefault();

    private static string Repoint(string line, NodeEndpoint to)
    {
        string port = to.Port.ToString(CultureInfo.InvariantCulture);
        return Port().IsMatch(line)
            ? Port().Replace(Host().Replace(line, "${before}" + to.Host), "${before}" + port)
            : Host().Replace(line, "${before}" + to.Host + " port=" + port);
    }

    // The section is empty for lines that set nothing.
    private static IEnumerable<(string Text, string Section)> Lines(string text)
    {
        string section = string.Empty;
        foreach (string line in text.Split('\n'))
        {
            string content = line.Trim();
            if (content.StartsWith('['))
            {
                section = content.Trim('[', ']').ToLowerInvariant();
            }

            yield return (line, content.Length > 0 && content[0] is not (';' or '#' or '[') && content.Contains('=', StringComparison.Ordinal) ? section : string.Empty);
        }
    }

    private static NodeEndpoint? EndpointOf(string line) => Host().Match(line) is { Success: true } host
        ? new NodeEndpoint(host.Groups["value"].Value, Port().Match(line) is { Success: true } port ? int.Parse(port.Groups["value"].Value, CultureInfo.InvariantCulture) : 5432)
        : null;

    [GeneratedRegex(@"(?<before>[=\s]host\s*=\s*)(?<value>[^\s']+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Host();

    [GeneratedRegex(@"(?<before>[=\s]port\s*=\s*)(?<value>[0-9]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Port();

    [GeneratedRegex(@"[=\s]pool_mode\s*=\s*(?<value>[a-z]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PoolMode();
}
