using System.Globalization;
using System.Net;
using System.Net.Sockets;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Routers.Instances;

namespace StatefulDeploy.Routers.HaProxy;

/// <summary>One HAProxy. The address of its servers is changed by its runtime API, for now, and in its file, for its next start.</summary>
internal sealed class HaProxyInstance(HaProxyOptions options) : IRouterInstance
{
    private readonly HaProxyControl _control = new(options.Admin);

    /// <inheritdoc/>
    public string Name => options.Admin;

    /// <inheritdoc/>
    public async Task<InstanceStatus> GetStatusAsync(CancellationToken cancellationToken)
    {
        var text = await options.Configuration.ReadAsync(cancellationToken);
        var targets = options.Servers.Select(server => HaProxyConfig.Find(text, server)?.ToString() ?? string.Empty).Distinct(StringComparer.Ordinal);
        return new InstanceStatus(string.Join(", ", targets), await CountSessionsAsync(cancellationToken), 0);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Finding>> InspectAsync(NodeEndpoint writer, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        var text = await options.Configuration.ReadAsync(cancellationToken);
        foreach (var server in options.Servers)
        {
            if (HaProxyConfig.Find(text, server) is var target && target != writer)
                findings.Add(Finding.Refuse("HaProxyTarget", Name, $"{options.Configuration.Path} has {server} at {target?.ToString() ?? "no address"}, and the writer of the cluster is {writer}.", "Name the server of the writer under router.settings.servers, with its address as the service file has it."));
        }

        findings.Add(Finding.Inform("HaProxyClients", Name, $"{await CountSessionsAsync(cancellationToken)} clients are connected to HAProxy."));
        if (findings.Count > 1)
            return findings;

        var live = await ReadAddressesAsync(cancellationToken);
        var address = await ResolveAsync(writer, cancellationToken);
        if (options.Servers.FirstOrDefault(server => !address.Equals(live.GetValueOrDefault(server))) is { } elsewhere)
            findings.Add(Finding.Refuse("HaProxyTarget", Name, $"HAProxy itself has {elsewhere} at {live.GetValueOrDefault(elsewhere)?.ToString() ?? "no address"}, and not at {writer} as its file says.", "Reload HAProxy with its file."));
        else
            await _control.AskAsync(SetAddress(address), cancellationToken); // Changes nothing, for it is there; but shows that it may be changed.
        return findings;
    }

    /// <inheritdoc/>
    public async Task PrepareAsync(NodeEndpoint target, CancellationToken cancellationToken)
    {
        await ReadAddressesAsync(cancellationToken);
        await options.Configuration.StageAsync(HaProxyConfig.Repoint(await options.Configuration.ReadAsync(cancellationToken), options.Servers, target), cancellationToken);
    }

    // It has nothing that holds: what stops taking connections refuses them, and 'set maxconn frontend' to 0 and back ends the process of 2.6.
    /// <inheritdoc/>
    public Task HoldAsync(HoldLimits limits, CancellationToken cancellationToken) => ReadAddressesAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> RouteAsync(NodeEndpoint target, CancellationToken cancellationToken)
    {
        var text = await options.Configuration.ReadAsync(cancellationToken);
        var changed = HaProxyConfig.Repoint(text, options.Servers, target);
        if (changed != text)
            await options.Configuration.ReplaceAsync(changed, cancellationToken);

        try
        {
            var address = await ResolveAsync(target, cancellationToken);
            if (await IsAtAsync(address, cancellationToken))
                return true;

            // Checks of the server that is left may have failed since it was closed; nobody shall wait until those of the other one have passed.
            await _control.AskAsync(
                [.. SetAddress(address), .. options.Servers.Select(server => $"set server {server} health up"), .. options.Servers.Select(server => $"shutdown sessions server {server}")], cancellationToken);
            return await IsAtAsync(address, cancellationToken)
                ? true
                : throw new UpgradeException("HaProxyNotChanged", $"HAProxy at {Name} did not point {string.Join(", ", options.Servers)} at {target}.", "Read its log.", FailureCategory.OperationFailed) { Target = Name };
        }
        catch (UpgradeException exception) when (exception.Category == FailureCategory.Unreachable)
        {
            return false; // It died, and comes back with this file.
        }
    }

    /// <inheritdoc/>
    public Task ResumeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task ProveConfigurableAsync(CancellationToken cancellationToken) => await options.Configuration.ReadAsync(cancellationToken);

    /// <inheritdoc/>
    public Task SettleAsync(CancellationToken cancellationToken) => options.Configuration.SettleAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // The runtime API takes addresses alone.
    private static async Task<IPEndPoint> ResolveAsync(NodeEndpoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            var addresses = IPAddress.TryParse(endpoint.Host, out var written) ? [written] : await Dns.GetHostAddressesAsync(endpoint.Host, cancellationToken);
            return new IPEndPoint(addresses.FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork) ?? addresses[0], endpoint.Port);
        }
        catch (SocketException exception)
        {
            throw new UpgradeException("NameUnknown", $"The name of {endpoint} is not known: {exception.Message}", "Give the node an address, or mend the name service.", FailureCategory.NotFound, exception) { Target = endpoint.ToString() };
        }
    }

    private IEnumerable<string> SetAddress(IPEndPoint address) =>
        options.Servers.Select(server => string.Create(CultureInfo.InvariantCulture, $"set server {server} addr {address.Address} port {address.Port}"));

    private async Task<bool> IsAtAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        var live = await ReadAddressesAsync(cancellationToken);
        return options.Servers.All(server => address.Equals(live.GetValueOrDefault(server)));
    }

    private async Task<Dictionary<HaProxyServerName, IPEndPoint?>> ReadAddressesAsync(CancellationToken cancellationToken)
    {
        var rows = await _control.ReadTableAsync("show servers state", ' ', cancellationToken);
        return rows.ToDictionary(
            row => new HaProxyServerName(row["be_name"], row["srv_name"]),
            row => IPAddress.TryParse(row["srv_addr"], out var address) ? new IPEndPoint(address, int.Parse(row["srv_port"], CultureInfo.InvariantCulture)) : null);
    }

    private async Task<int> CountSessionsAsync(CancellationToken cancellationToken)
    {
        var rows = await _control.ReadTableAsync("show stat", ',', cancellationToken);
        return rows.Where(row => options.Servers.Contains(new HaProxyServerName(row["pxname"], row["svname"]))).Sum(row => int.Parse(row["scur"], CultureInfo.InvariantCulture));
    }
}
