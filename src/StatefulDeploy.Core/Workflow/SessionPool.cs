using StatefulDeploy.Contracts;

namespace StatefulDeploy.Workflow;

/// <summary>The sessions that this process holds, one a service, kept between the cmdlets of a pipeline.</summary>
internal sealed class SessionPool(IPlatform platform, string role, TimeProvider clock) : IAsyncDisposable
{
    internal const string Operator = "operator";
    internal const string Keeper = "keeper";
    private readonly Dictionary<string, OperatorSession> _sessions = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>The session of a service: the one we hold, or a new one.</summary>
    internal async Task<OperatorSession> OpenAsync(UpgradeSubject subject, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var name = subject.Service.Name;
            var upgrade = subject.State!.UpgradeId;
            if (_sessions.TryGetValue(name, out var held))
            {
                if (held.UpgradeId == upgrade && !held.Lease.Lost.IsCancellationRequested)
                {
                    await held.ForgetStopAsync(cancellationToken);
                    return held;
                }

                _sessions.Remove(name);
                await held.DisposeAsync();
            }

            return _sessions[name] = await OperatorSession.OpenAsync(platform, subject.Service, subject.Store, upgrade, role, clock, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The upgrade has ended: leases are given back.</summary>
    internal async Task EndAsync(string service, CancellationToken cancellationToken)
    {
        if (_sessions.Remove(service, out var session))
        {
            await session.Guard.ReleaseAsync(cancellationToken);
            await session.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions.Values)
        {
            await session.DisposeAsync();
        }

        _sessions.Clear();
        _turn.Dispose();
    }
}
