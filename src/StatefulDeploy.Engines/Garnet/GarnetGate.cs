using System.Collections.Concurrent;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>
/// Closes and opens a node by ACL. It holds for connections that exist, for transactions queued before and inside scripts, and from the ACL
/// file after a restart. What was past the ACL's check when the node was closed ends in <see cref="GarnetSwitchover.EndOpenWritesAsync"/>.
/// </summary>
internal sealed class GarnetGate : INodeGate
{
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly ConcurrentDictionary<string, GarnetGateLink> _links = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task PrepareAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        GarnetGateLink link = await LinkAsync(node, context, cancellationToken);
        GarnetAclFile file = await GarnetAclFile.ReadAsync(node, context.Host, cancellationToken);
        GarnetFence fence = new(await OriginalsAsync(link, file, cancellationToken), link.Commands);
        await context.Host.WriteFileAsync(file.Path, file.Closed(fence.Originals, link.Commands, link.Access.Control), FileMode, cancellationToken);
        link.Fence = fence;
        await link.ClientAsync(cancellationToken);
        await WarmAsync(link, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task CloseAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        GarnetGateLink link = await LinkAsync(node, context, cancellationToken);
        if (link.Fence is null)
        {
            await PrepareAsync(node, context, cancellationToken);
        }

        GarnetFence closed = await link.Fence!.CloseAsync(link.Control, cancellationToken);
        if (!ReferenceEquals(closed, link.Fence))
        {
            // Users were made between preparing and closing: a restart must know them too.
            GarnetAclFile file = await GarnetAclFile.ReadAsync(node, context.Host, cancellationToken);
            await context.Host.WriteFileAsync(file.Path, file.Closed(closed.Originals, link.Commands, link.Access.Control), FileMode, cancellationToken);
            link.Fence = closed;
        }
    }

    /// <inheritdoc/>
    public async Task OpenAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        GarnetGateLink link = await LinkAsync(node, context, cancellationToken);
        GarnetAclFile file = await GarnetAclFile.ReadAsync(node, context.Host, cancellationToken);
        if (file.Originals is { } originals)
        {
            foreach (RespValue reply in await link.Control.PipelineAsync([.. originals.Select(user => user.ToCommand())], cancellationToken))
            {
                reply.ThrowIfError();
            }

            await context.Host.WriteFileAsync(file.Path, file.Text, FileMode, cancellationToken);
        }
        else if (await GarnetFence.IsClosedAsync(link.Control, link.Commands, cancellationToken))
        {
            throw new UpgradeException("FenceRecordLost", $"{node} is closed, but {file.Path} does not tell what its users were.", "Restore the ACL file and the users, then run the command again.", FailureCategory.Damaged) { Target = node.Name };
        }

        link.Fence = null;
    }

    /// <inheritdoc/>
    public async Task<GateState> ProbeAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        try
        {
            GarnetGateLink link = await LinkAsync(node, context, cancellationToken);
            RespConnection client = await link.ClientAsync(cancellationToken);
            RespValue reply = await client.SendAsync(GarnetFence.ProbeWrite, cancellationToken);
            return reply.ErrorCode switch
            {
                // The refusal could be this account's own narrow rights: the fence must be seen on every user as well.
                "NOPERM" => await GarnetFence.IsClosedAsync(link.Control, link.Commands, cancellationToken) ? GateState.Closed : GateState.Open,
                "MOVED" or "CLUSTERDOWN" => GateState.NotWriter,
                "LOADING" => GateState.Unreachable,
                _ => GateState.Open,
            };
        }
        catch (Exception exception) when (exception is RespConnectionException or TimeoutException or UpgradeException { Category: FailureCategory.Unreachable })
        {
            return GateState.Unreachable;
        }
    }

    /// <inheritdoc/>
    public async Task RevokeAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        GarnetGateLink link = await LinkAsync(node, context, cancellationToken);
        long own = (await link.Control.ExecuteAsync(["CLIENT", "ID"], cancellationToken)).AsInt64();
        foreach (GarnetClient client in await GarnetClient.ListAsync(link.Control, cancellationToken))
        {
            if (client.Name == $"{GarnetAccess.Prefix}-{GarnetGateLink.Purpose}" && client.Id != own)
            {
                await link.Control.SendAsync(["CLIENT", "KILL", "ID", client.Id], cancellationToken);
            }
        }
    }

    // A user that nobody can sign in as: its rules run through the same code as the fence's, which costs 50 ms the first time.
    private static async Task WarmAsync(GarnetGateLink link, CancellationToken cancellationToken)
    {
        GarnetUser nobody = new(GarnetAccess.Nobody, ["off", "+@all"]);
        await link.Control.PipelineAsync([nobody.ToCommand(), nobody.With(link.Commands.ClosingRules(nobody)).ToCommand(), (nobody with { Rules = ["off"] }).ToCommand()], cancellationToken);
        await GarnetFence.IsClosedAsync(link.Control, link.Commands, cancellationToken);
    }

    private static async Task<IReadOnlyList<GarnetUser>> OriginalsAsync(GarnetGateLink link, GarnetAclFile file, CancellationToken cancellationToken)
    {
        // What the file of a closed node remembers is what the users were: the live ones may be stripped already.
        IReadOnlyList<GarnetUser> known = file.Originals ?? [];
        IReadOnlyList<GarnetUser> live = await GarnetUser.ListAsync(link.Control, cancellationToken);
        return [.. known, .. live.Where(user => !user.IsOurs && known.All(other => other.Name != user.Name))];
    }

    private async Task<GarnetGateLink> LinkAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        string key = node.Endpoint.ToString();
        if (_links.TryGetValue(key, out GarnetGateLink? known))
        {
            if (known.Control.IsOpen)
            {
                return known;
            }

            _links.TryRemove(key, out _);
            await known.DisposeAsync();
        }

        GarnetGateLink made = await GarnetGateLink.OpenAsync(node, context, cancellationToken);
        return _links[key] = made;
    }
}
