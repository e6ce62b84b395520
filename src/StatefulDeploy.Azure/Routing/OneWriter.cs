using System.Net;
using System.Net.Sockets;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Routing;

/// <summary>The one writer behind a router that knows addresses and no shards.</summary>
internal static class OneWriter
{
    /// <exception cref="UpgradeException">There are several.</exception>
    public static NodeEndpoint Of(RouterTargets targets) => targets.ByShard.Count == 1
        ? targets.ByShard.Values.Single()
        : throw new UpgradeException("RouterOneShard", $"This router stands before one writer, and {targets.ByShard.Count} were named.", "Use one router a shard.", FailureCategory.InvalidInput);

    /// <summary>Its IPv4 address.</summary>
    /// <exception cref="UpgradeException">Its name has none.</exception>
    public static async Task<string> AddressAsync(NodeEndpoint endpoint, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(endpoint.Host, out var literal))
            return literal.ToString();

        try
        {
            var found = await System.Net.Dns.GetHostAddressesAsync(endpoint.Host, AddressFamily.InterNetwork, cancellationToken);
            return found.Length > 0 ? found[0].ToString() : throw NoAddress(endpoint, null);
        }
        catch (SocketException exception)
        {
            throw NoAddress(endpoint, exception);
        }
    }

    private static UpgradeException NoAddress(NodeEndpoint endpoint, Exception? inner) =>
        new("AddressUnknown", $"'{endpoint.Host}' of the node at {endpoint} has no IPv4 address.", "Name the node's endpoint by its private address.", FailureCategory.NotFound, inner) { Target = endpoint.ToString() };
}
