using System.Collections.Concurrent;
using System.Data;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>
/// Closes and opens a node by who may have a session at all. PostgreSQL has no refusal of writes that a superuser's session could not lift,
/// so a closed node has no session but our role's: its <c>pg_hba.conf</c> lets nobody else in, also after a restart, and every session
/// from before is ended. What a session cannot do then: write, nextval, DDL, COMMIT PREPARED, large objects, prepared statements, reads.
/// </summary>
internal sealed class PostgresGate : INodeGate
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string Reload = "SELECT pg_reload_conf()";
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(1);

    private readonly ConcurrentDictionary<string, PostgresGateLink> _links = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task PrepareAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        PostgresGateLink link = await LinkAsync(node, context, cancellationToken);
        await link.PrepareProbeAsync(cancellationToken);
        string text = await PostgresControl.ReadAsync(link.File, context.Host, cancellationToken);
        await context.Host.WriteFileAsync(link.File, PostgresHba.Close(text), Private, cancellationToken);
        link.Prepared = true;
    }

    /// <inheritdoc/>
    public async Task CloseAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        PostgresGateLink link = await LinkAsync(node, context, cancellationToken);
        if (!link.Prepared)
        {
            await PrepareAsync(node, context, cancellationToken);
        }

        await link.Control.RunAsync(Reload, cancellationToken);
        await UntilAsync(link, isOpen: false, context, node, cancellationToken);
        do
        {
            await PostgresStrangers.EndAsync(link.Control, context.Service.Limits.TransactionGrace, cancellationToken);
        }
        while (await PostgresStrangers.EndLateAsync(link.Control, link.PidFile, context.Host, cancellationToken));
    }

    /// <inheritdoc/>
    public async Task OpenAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        PostgresGateLink link = await LinkAsync(node, context, cancellationToken);
        string text = await PostgresControl.ReadAsync(link.File, context.Host, cancellationToken);
        if (PostgresHba.IsClosed(text))
        {
            await context.Host.WriteFileAsync(link.File, PostgresHba.Open(text), Private, cancellationToken);
        }

        link.Prepared = false;
        await link.Control.RunAsync(Reload, cancellationToken);
        await UntilAsync(link, isOpen: true, context, node, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<GateState> ProbeAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        try
        {
            PostgresGateLink link = await LinkAsync(node, context, cancellationToken);
            GateState state = await link.TryAsync(cancellationToken);

            // Whom the rules keep out is one thing; who is in already is another.
            return state == GateState.Closed && await PostgresStrangers.CountAsync(link.Control, cancellationToken) > 0 ? GateState.Open : state;
        }
        catch (UpgradeException exception) when (exception.Category == FailureCategory.Unreachable)
        {
            return GateState.Unreachable;
        }
    }

    /// <inheritdoc/>
    public async Task RevokeAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        PostgresGateLink link = await LinkAsync(node, context, cancellationToken);
        await link.Control.RunAsync(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND usename = $2 AND pid <> pg_backend_pid()",
            cancellationToken, PostgresAccess.NamePrefix + PostgresGateLink.Purpose, PostgresAccess.ControlRole);
    }

    // The server reads its rules when it hears the signal, before it takes the next connection; a connection tells that it has heard it.
    private static async Task UntilAsync(PostgresGateLink link, bool isOpen, GateContext context, Node node, CancellationToken cancellationToken)
    {
        PostgresAccess access = new(context.Service, context.Secrets);
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await access.IsLetInAsync(node, cancellationToken) == isOpen)
            {
                return;
            }

            if (TimeProvider.System.GetElapsedTime(start) > context.Service.Limits.Answer)
            {
                throw new UpgradeException("RulesNotRead", $"{node} did not take {link.File} into use.", "Read the server's log: a rule in the file may be wrong.", FailureCategory.OperationFailed) { Target = node.Name };
            }

            await Task.Delay(Poll, cancellationToken);
        }
    }

    private async Task<PostgresGateLink> LinkAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        string key = node.Endpoint.ToString();
        if (_links.TryGetValue(key, out PostgresGateLink? link))
        {
            try
            {
                if (link.Control.FullState == ConnectionState.Open)
                {
                    await link.Control.RunAsync("SELECT 1", cancellationToken);
                    return link;
                }
            }
            catch (UpgradeException exception) when (exception.Category == FailureCategory.Unreachable)
            {
                // It was restarted, or an older guard's connections were ended.
            }

            await link.DisposeAsync();
            _links.TryRemove(key, out _);
        }

        return _links[key] = await PostgresGateLink.OpenAsync(node, context, cancellationToken);
    }
}
