using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Azure.Core;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Azure.Routing;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.LoadBalancing;

/// <summary>
/// A backend pool, whose members come by network interface or by address. One change at a time is made to a balancer, on the version that
/// was read; a change that another one came between is looked at and made again.
/// </summary>
internal sealed class BackendPool(AzureService azure, ResourceId balancer, string name)
{
    // A change to one part of a balancer can be superseded by a change to another: they take turns, in this process.
    private static readonly ConcurrentDictionary<ResourceId, SemaphoreSlim> Turns = new();

    private readonly InterfaceDirectory _interfaces = new(azure);

    /// <summary>The pool as it is.</summary>
    /// <exception cref="UpgradeException">There is no such balancer or pool.</exception>
    public async Task<PoolSight> ReadAsync(CancellationToken cancellationToken)
    {
        var owner = await azure.Client.GetAsync(balancer, cancellationToken);
        var pools = owner.Properties.Objects("backendAddressPools");
        var body = pools.FirstOrDefault(one => string.Equals(one.Text("name"), name, StringComparison.OrdinalIgnoreCase)) ?? throw new UpgradeException(
            "PoolNotFound", $"The load balancer '{balancer.Name}' has no backend pool '{name}'.", $"Use one of: {string.Join(", ", pools.Select(one => one.Text("name")))}.", FailureCategory.NotFound) { Target = name };
        var members = new List<PoolMember>();
        foreach (var configuration in body.Objects("properties", "backendIPConfigurations"))
            members.Add(await _interfaces.MemberAsync(configuration.Text("id") ?? string.Empty, cancellationToken));
        members.AddRange(body.Objects("properties", "loadBalancerBackendAddresses")
            .Select(one => one.Text("properties", "ipAddress")).OfType<string>()
            .Where(address => members.TrueForAll(member => member.Address != address))
            .Select(address => new PoolMember(address, null, null)));
        return new PoolSight(owner, new ArmResource(body, body.Text("etag")), members);
    }

    /// <summary>What the identity may not do of what a change of the pool needs.</summary>
    /// <param name="byAddress">Whether its members come by address, and not by network interface.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<IReadOnlyList<Finding>> InspectRightsAsync(bool byAddress, CancellationToken cancellationToken) => azure.Rights.InspectAsync(
        balancer,
        byAddress
            ? ["Microsoft.Network/loadBalancers/backendAddressPools/write"]
            : ["Microsoft.Network/networkInterfaces/write", "Microsoft.Network/loadBalancers/backendAddressPools/join/action"],
        cancellationToken);

    /// <summary>The member that a node would be.</summary>
    /// <exception cref="UpgradeException">No machine of the service has its address.</exception>
    public async Task<PoolMember> FindMemberAsync(NodeEndpoint node, CancellationToken cancellationToken) =>
        await _interfaces.FindAsync(await OneWriter.AddressAsync(node, cancellationToken), cancellationToken);

    /// <summary>Makes a node the only one of the service's nodes in the pool. Members of somebody else stay.</summary>
    /// <exception cref="UpgradeException">It cannot be, or others keep coming between.</exception>
    public async Task PointAsync(NodeEndpoint target, IReadOnlyList<NodeEndpoint> ours, CancellationToken cancellationToken)
    {
        var address = await OneWriter.AddressAsync(target, cancellationToken);
        var leaving = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in ours)
            leaving.Add(await OneWriter.AddressAsync(node, cancellationToken));
        leaving.Remove(address);

        var turn = Turns.GetOrAdd(balancer, _ => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(cancellationToken);
        try
        {
            await RepeatAsync(address, leaving, cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task RepeatAsync(string address, IReadOnlySet<string> leaving, CancellationToken cancellationToken)
    {
        var since = azure.Clock.GetTimestamp();
        for (var pause = azure.Pace.FirstPoll; ; pause = pause * 1.5 < azure.Pace.LongestPoll ? pause * 1.5 : azure.Pace.LongestPoll)
        {
            var sight = await ReadAsync(cancellationToken);
            var busy = sight.Balancer.ProvisioningState is "Updating" or "Deleting";
            if (!busy && sight.Members.Any(member => member.Address == address) && !sight.Members.Any(member => leaving.Contains(member.Address)))
                return;

            var error = busy ? new ArmError("AnotherOperationInProgress", $"The balancer is {sight.Balancer.ProvisioningState}.") : await StepAsync(sight, address, leaving, cancellationToken);
            if (error is { IsPassing: false } || (error is not null && azure.Clock.GetElapsedTime(since) > azure.Pace.ConflictPatience))
                throw ArmFailures.Explain(error, 409, $"{balancer}/backendAddressPools/{name}");
            if (azure.Clock.GetElapsedTime(since) > azure.Pace.OperationPatience)
                throw new UpgradeException("AzureOperationPending", $"The backend pool '{name}' of '{balancer.Name}' does not become what was asked for.", "See the balancer's activity log, then do it again.", FailureCategory.Timeout) { Target = name };
            if (error is not null)
                await Task.Delay(pause, azure.Clock, cancellationToken);
        }
    }

    // The new member comes before the old one leaves, so that the pool is never empty.
    private async Task<ArmError?> StepAsync(PoolSight sight, string address, IReadOnlySet<string> leaving, CancellationToken cancellationToken)
    {
        if (sight.IsByAddress)
            return await SendAsync(ByAddress(sight, address, leaving), cancellationToken);

        if (sight.Members.All(member => member.Address != address))
        {
            var coming = await _interfaces.FindAsync(address, cancellationToken);
            return await SendAsync(await _interfaces.ChangeAsync(coming, sight.Pool.Text("id")!, join: true, cancellationToken), cancellationToken);
        }

        var left = sight.Members.First(member => leaving.Contains(member.Address));
        return await SendAsync(await _interfaces.ChangeAsync(left, sight.Pool.Text("id")!, join: false, cancellationToken), cancellationToken);
    }

    private async Task<ArmError?> SendAsync(ArmRequest request, CancellationToken cancellationToken)
    {
        var answer = await azure.Client.SendAsync(request, cancellationToken);
        if (answer.Error is { } refused)
            return answer.Status is 401 or 403 ? throw ArmFailures.Explain(refused, answer.Status, request.Subject) : refused;

        return ArmOperation.Of(answer, $"change of the backend pool {name}", azure.Clock.GetUtcNow()) is { } operation
            ? await azure.Operations.WaitAsync(operation, azure.Pace.OperationPatience, cancellationToken)
            : null;
    }

    private ArmRequest ByAddress(PoolSight sight, string address, IReadOnlySet<string> leaving)
    {
        var body = (JsonObject)sight.Pool.Body.DeepClone();
        var kept = sight.Addresses.Where(one => one.Text("properties", "ipAddress") is not { } ip || !leaving.Contains(ip)).Select(one => one.DeepClone()).ToList();
        if (kept.TrueForAll(one => one.Text("properties", "ipAddress") != address))
            kept.Add(new JsonObject { ["name"] = $"statefuldeploy-{address.Replace('.', '-').Replace(':', '-')}", ["properties"] = PlaceOf(sight, address) });

        body["properties"]!["loadBalancerBackendAddresses"] = new JsonArray([.. kept]);
        return azure.Client.Request(RequestMethod.Put, balancer.Child("backendAddressPools", name)) with { Body = body, IfMatch = sight.Pool.ETag };
    }

    // An address is one of a virtual network: that of the others, unless the pool has one of its own.
    private static JsonObject PlaceOf(PoolSight sight, string address)
    {
        var properties = new JsonObject { ["ipAddress"] = address };
        foreach (var key in new[] { "virtualNetwork", "subnet" })
        {
            if (sight.Addresses.Select(one => one.At("properties", key)).FirstOrDefault(found => found is not null) is { } place)
                properties[key] = place.DeepClone();
        }

        return properties;
    }
}
