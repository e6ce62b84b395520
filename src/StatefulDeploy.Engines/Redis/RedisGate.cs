using System.Collections.Concurrent;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.Redis.Rehearsal;
using StatefulDeploy.Engines.Redis.Relay;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>
/// Closes and opens a node by ACL: every user but ours loses all writes and everything that could lift the fence. It holds for connections
/// that exist, for transactions queued before (EXEC asks the ACL again) and inside scripts and functions, on primaries and replicas alike,
/// and from the configuration file after a restart: then connections without a user are refused altogether until the node is closed anew or opened.
/// </summary>
internal sealed class RedisGate : INodeGate, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, RedisGateLink> _links = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task PrepareAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        RedisGateLink link = await LinkAsync(node, context, cancellationToken);
        RedisConfigFile file = await RedisConfigFile.FindAsync(node, link.Control, context.Host, cancellationToken);
        string text = await file.ReadAsync(cancellationToken);
        IReadOnlyList<string> denials = await RedisFenceRules.LoadAsync(link.Control, cancellationToken);
        IReadOnlyList<RedisAclUser> originals = await OriginalsAsync(link.Control, text, cancellationToken);
        RedisFence fence = new(originals, denials);
        string closed = RedisConfigText.Close(text, originals, denials, link.ControlRules);
        await file.WriteAsync(closed, cancellationToken);
        link.Prepared = new RedisGatePreparation(file, closed, fence);
        if (!(await link.Control.UsersAsync(cancellationToken)).Any(user => user.IsShut))
        {
            await link.ProbeConnectionAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task CloseAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        RedisGateLink link = await LinkAsync(node, context, cancellationToken);
        if (link.Prepared is null)
        {
            await PrepareAsync(node, context, cancellationToken);
        }

        RedisGatePreparation prepared = link.Prepared!;
        RedisFence closed = await prepared.Fence.CloseAsync(link.Control, cancellationToken);
        if (!ReferenceEquals(closed, prepared.Fence))
        {
            // Users were made or changed between preparing and closing: a restart must know them too.
            string text = await prepared.File.ReadAsync(cancellationToken);
            string rewritten = RedisConfigText.Close(text, closed.Originals, closed.Denials, link.ControlRules);
            await prepared.File.WriteAsync(rewritten, cancellationToken);
            link.Prepared = prepared with { Text = rewritten, Fence = closed };
        }
    }

    /// <inheritdoc/>
    public async Task OpenAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        RedisGateLink link = await LinkAsync(node, context, cancellationToken);
        string path = link.Prepared?.File.Path ?? await RedisConfigFile.PathAsync(node, link.Control, cancellationToken);
        string text = await ReadAsync(path, link.Prepared, context.Host, cancellationToken);
        if (RedisConfigText.IsClosed(text))
        {
            // From here on no relay may throw the node back. (A replica refuses the removal, and gets its primary's.)
            await link.Control.TransactAsync([RedisFence.Go, ["DEL", RelayPoint.LeftKey]], [.. RedisConfigText.Originals(text).Select(user => user.ToCommand()), RedisFence.Go], cancellationToken);

            // Clients wait for this act, so flushing the file goes on behind it: every later act on this node waits for it and tells its failure,
            // the probe too, without which a window is not completed; and until then a restarted node is closed, which the watcher opens.
            string open = RedisConfigText.Open(text);
            RedisConfigFile? file = link.Prepared?.File;
            link.Settle(() => SettleAsync(node, link, file, context.Host, open));
        }
        else if (await RedisFence.IsClosedAsync(link.Control, cancellationToken))
        {
            throw new UpgradeException("FenceRecordLost", $"{node} is closed, but {path} does not tell what its users were.", "Restore the users from the server's ACL file or configuration, then run the command again.", FailureCategory.Damaged) { Target = node.Name };
        }

        link.Prepared = null;
    }

    /// <inheritdoc/>
    public async Task<GateState> ProbeAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        try
        {
            RedisGateLink link = await LinkAsync(node, context, cancellationToken);
            RespConnection client = await link.ProbeConnectionAsync(cancellationToken);
            Task<bool> closing = RedisFence.IsClosedAsync(link.Control, cancellationToken);
            RespValue reply = await client.SendAsync(RedisFence.ProbeWrite, cancellationToken);
            await link.LeaveProbeAsync();
            await Task.WhenAny(closing);
            return reply.ErrorCode switch
            {
                // The refusal could be this account's own narrow rights: the fence must be seen on every user as well.
                "NOPERM" or "NOAUTH" => await closing ? GateState.Closed : GateState.Open,
                "READONLY" => GateState.NotWriter,
                "LOADING" or "MASTERDOWN" => GateState.Unreachable,
                _ => GateState.Open,
            };
        }
        catch (UpgradeException exception) when (exception.Category == FailureCategory.AccessDenied)
        {
            if (await IsShutAsync(node, context, cancellationToken))
            {
                return GateState.Closed;
            }

            throw;
        }
        catch (Exception exception) when (exception is RespConnectionException or TimeoutException or UpgradeException { Category: FailureCategory.Unreachable })
        {
            return GateState.Unreachable;
        }
    }

    // A node that was started closed lets nobody in as the default user until it is closed again or opened.
    private async Task<bool> IsShutAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        RedisGateLink link = await LinkAsync(node, context, cancellationToken);
        return (await link.Control.UsersAsync(cancellationToken)).Any(user => user.IsShut) && await RedisFence.IsClosedAsync(link.Control, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task RevokeAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        RedisGateLink link = await LinkAsync(node, context, cancellationToken);
        string own = (await link.Control.ExecuteAsync(["CLIENT", "ID"], cancellationToken)).AsInt64().ToString();
        foreach (IReadOnlyDictionary<string, string> client in await link.Control.ClientsAsync(cancellationToken))
        {
            if (client.GetValueOrDefault("name") == $"{RedisAccess.NamePrefix}-{RedisGateLink.Purpose}" && client["id"] != own)
            {
                await link.Control.ExecuteAsync(["CLIENT", "KILL", "ID", client["id"]], cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public Task RehearseAsync(GateContext context, CancellationToken cancellationToken) => RedisRehearsal.PlayAsync(context, cancellationToken);

    /// <summary>Closes all connections, after what an opening has left to do.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (RedisGateLink link in _links.Values)
        {
            await link.SettledAsync();
            await link.DisposeAsync();
        }

        _links.Clear();
    }

    /// <summary>The file; where its host cannot be reached any more and the node can, what we wrote to it last: clients wait for the opening.</summary>
    private static async Task<string> ReadAsync(string path, RedisGatePreparation? prepared, IHost host, CancellationToken cancellationToken)
    {
        try
        {
            return await host.ReadFileAsync(path, cancellationToken) ?? string.Empty;
        }
        catch (UpgradeException exception) when (prepared is not null && exception.Category == FailureCategory.Unreachable)
        {
            return prepared.Text;
        }
    }

    private static async Task SettleAsync(Node node, RedisGateLink link, RedisConfigFile? known, IHost host, string text)
    {
        RedisConfigFile file = known ?? await RedisConfigFile.FindAsync(node, link.Control, host, CancellationToken.None);
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // A local file is written and flushed before the call returns.
        await file.WriteAsync(text, CancellationToken.None);
    }

    private static async Task<IReadOnlyList<RedisAclUser>> OriginalsAsync(RespConnection control, string text, CancellationToken cancellationToken)
    {
        // A closed node's live users are fenced already: what they were stands in the file.
        if (RedisConfigText.IsClosed(text) && await RedisFence.IsClosedAsync(control, cancellationToken))
        {
            return RedisConfigText.Originals(text);
        }

        return [.. (await control.UsersAsync(cancellationToken)).Where(user => user.Name != RedisAccess.ControlUser)];
    }

    private async Task<RedisGateLink> LinkAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        string key = node.Endpoint.ToString();
        if (_links.TryGetValue(key, out RedisGateLink? link))
        {
            await link.SettledAsync();
            if (link.Control.IsOpen)
            {
                return link;
            }
        }

        RedisGateLink made = await RedisGateLink.OpenAsync(node, new RedisAccess(context.Service, context.Secrets), cancellationToken);
        made.Prepared = link?.Prepared;
        if (link is not null)
        {
            await link.DisposeAsync();
        }

        return _links[key] = made;
    }
}
