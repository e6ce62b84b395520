using System.Globalization;
using System.Text.RegularExpressions;
using StatefulDeploy.Model;

namespace StatefulDeploy.Routers.PgBouncer;

/// <summary>The text of a <c>pgbouncer.ini</c>: where its databases are.</summary>
internal static partial class PgBouncerConfig
{
    /// <summary>The endpoints of the section <c>[databases]</c>, each once.</summary>
    public static IReadOnlyList<NodeEndpoint> Targets(string text) => [.. Lines(text).Where(line => line.IsDatabase).Select(line => EndpointOf(line.Text)).OfType<NodeEndpoint>().Distinct()];

    /// <summary>Points every database that is at one endpoint to another; nothing else changes.</summary>
    public static string Repoint(string text, IReadOnlyCollection<NodeEndpoint> from, NodeEndpoint to) => string.Join('\n', Lines(text).Select(line =>
        line.IsDatabase && EndpointOf(line.Text) is { } endpoint && from.Contains(endpoint)
            ? Port().Replace(Host().Replace(line.Text, "${before}" + to.Host), "${before}" + to.Port.ToString(CultureInfo.InvariantCulture))
            : line.Text));

    /// <summary>The value of a setting of the section <c>[pgbouncer]</c>; null when it is not set.</summary>
    public static string? Find(string text, string name) => Lines(text)
        .Where(line => !line.IsDatabase)
        .Select(line => line.Text.Split('=', 2))
        .Where(parts => parts.Length == 2 && parts[0].Trim() == name)
        .Select(parts => parts[1].Trim()).LastOrDefault();

    private static IEnumerable<(string Text, bool IsDatabase)> Lines(string text)
    {
        bool databases = false;
        foreach (string line in text.Split('\n'))
        {
            string content = line.Trim();
            if (content.StartsWith('['))
            {
                databases = content.StartsWith("[databases]", StringComparison.OrdinalIgnoreCase);
                yield return (line, false);
                continue;
            }

            yield return (line, databases && content.Length > 0 && content[0] is not (';' or '#') && content.Contains('=', StringComparison.Ordinal));
        }
    }

    private static NodeEndpoint? EndpointOf(string line) => Host().Match(line) is { Success: true } host
        ? new NodeEndpoint(host.Groups["value"].Value, Port().Match(line) is { Success: true } port ? int.Parse(port.Groups["value"].Value, CultureInfo.InvariantCulture) : 5432)
        : null;

    [GeneratedRegex(@"(?<before>[=\s]host\s*=\s*)(?<value>[^\s']+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Host();

    [GeneratedRegex(@"(?<before>[=\s]port\s*=\s*)(?<value>[0-9]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Port();
}
