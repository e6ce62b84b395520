using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Verification;

/// <summary>The cluster that a suite runs against, and how its environment tells it so.</summary>
/// <param name="Layout">The cluster: green, a copy, or blue for a baseline.</param>
/// <param name="IsCopy">Whether it is a disposable copy.</param>
internal sealed record SuiteTarget(ClusterLayout Layout, bool IsCopy)
{
    /// <summary>What the suite finds in its environment. The password is there and nowhere else.</summary>
    internal IReadOnlyDictionary<string, string?> Environment(EngineContext context, SuiteDescription suite, string? results)
    {
        var account = context.Service.Client ?? context.Service.Admin;
        var endpoint = Layout.Writer.Endpoint;
        return new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["STATEFULDEPLOY_SERVICE"] = context.Service.Name,
            ["STATEFULDEPLOY_ENGINE"] = context.Service.Engine,
            ["STATEFULDEPLOY_UPGRADE"] = context.UpgradeId,
            ["STATEFULDEPLOY_SUITE"] = suite.Name,
            ["STATEFULDEPLOY_VERSION"] = Layout.Version,
            ["STATEFULDEPLOY_COLOUR"] = Layout.Colour.ToString().ToLowerInvariant(),
            ["STATEFULDEPLOY_COPY"] = IsCopy ? "true" : "false",
            ["STATEFULDEPLOY_HOST"] = endpoint.Host,
            ["STATEFULDEPLOY_PORT"] = endpoint.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["STATEFULDEPLOY_ENDPOINT"] = endpoint.ToString(),
            ["STATEFULDEPLOY_NODES"] = string.Join(',', Layout.Nodes.Select(node => node.Endpoint)),
            ["STATEFULDEPLOY_USER"] = account?.User,
            ["STATEFULDEPLOY_PASSWORD"] = context.Secrets.Resolve(account),
            ["STATEFULDEPLOY_TLS_CA"] = context.Service.TlsCaFile,
            ["STATEFULDEPLOY_RESULTS"] = results,
        };
    }
}
