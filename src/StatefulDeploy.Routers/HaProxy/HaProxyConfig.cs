using System.Text.RegularExpressions;
using StatefulDeploy.Model;

namespace StatefulDeploy.Routers.HaProxy;

/// <summary>The text of a <c>haproxy.cfg</c>: where its servers are.</summary>
internal static partial class HaProxyConfig
{
    /// <summary>The endpoint of a server, as the file has it.</summary>
    /// <returns>Null when the file has no such server, or one without a port.</returns>
    public static NodeEndpoint? Find(string text, HaProxyServerName server) =>
        Lines(text).Where(line => line.Server == server).Select(line => EndpointOf(line.Text)).FirstOrDefault();

    /// <summary>Points servers to an endpoint; nothing else changes.</summary>
    public static string Repoint(string text, IReadOnlyCollection<HaProxyServerName> servers, NodeEndpoint to) => string.Join('\n', Lines(text).Select(line =>
        line.Server is { } server && servers.Contains(server) ? Server().Replace(line.Text, "${before}" + to + "${after}") : line.Text));

    private static IEnumerable<(string Text, HaProxyServerName? Server)> Lines(string text)
    {
        string? backend = null;
        foreach (var line in text.Split('\n'))
        {
            if (Section().Match(line) is { Success: true } section)
                backend = section.Groups["kind"].Value is "backend" or "listen" ? section.Groups["name"].Value : null;
            yield return (line, backend is not null && Server().Match(line) is { Success: true } server ? new HaProxyServerName(backend, server.Groups["name"].Value) : null);
        }
    }

    private static NodeEndpoint? EndpointOf(string line)
    {
        try
        {
            return NodeEndpoint.Parse(Server().Match(line).Groups["address"].Value);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^(?<kind>global|defaults|frontend|backend|listen|resolvers|peers|userlist|mailers|cache|program|ring|http-errors|log-forward)\b\s*(?<name>\S*)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Section();

    [GeneratedRegex(@"^(?<before>\s*server\s+(?<name>\S+)\s+)(?<address>[^\s]+)(?<after>.*)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Server();
}
