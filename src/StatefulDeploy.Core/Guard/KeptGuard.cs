using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard;

/// <summary>The keeper's care for the guard: an orchestrator that is stopped cannot start it again when it dies, or replace it when it hangs.</summary>
internal sealed class KeptGuard : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly IGuardWay _way;
    private readonly GuardLog _log;
    private GuardConnection? _connection;

    public KeptGuard(KeeperOptions options, IPlatform platform, GuardLog log)
    {
        var service = platform.ReadService(options.ServiceFile);
        _log = log;
        var hosts = platform.CreateHosts(service);
        _way = IGuardWay.To(new GuardClientOptions
        {
            Service = service,
            OwnProgram = platform.OwnProgram,
            Host = hosts[service.Blue.Writer.Host],
            Hosts = hosts,
            CreateRouter = () => platform.CreateRouter(service),
            UpgradeId = options.UpgradeId,
            Reporter = new LogReporter(log),
        });
    }

    /// <summary>Greets the guard, and starts or replaces it when it does not answer.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!await AnswersAsync(cancellationToken))
                _connection = await _way.ConnectAsync(cancellationToken);
        }
        catch (UpgradeException error)
        {
            _log.Write($"The guard does not run: {error.Message}");
        }
    }

    /// <summary>Lets the guard do an act under the epoch that it has now: whoever takes over meanwhile goes first, and the act is refused.</summary>
    /// <exception cref="UpgradeException">It was refused, or failed.</exception>
    public async Task ActAsync(ActRequest act, CancellationToken cancellationToken)
    {
        // A connection of its own, for this act alone: a guard with connections does not end by itself.
        await using var connection = await _way.ConnectAsync(cancellationToken);
        var epoch = (await connection.AskAsync(new GuardRequest { Operation = GuardOperation.Status }, cancellationToken)).Epoch;
        (await connection.AskAsync(new GuardRequest { Operation = GuardOperation.Act, Epoch = epoch, Act = act }, cancellationToken)).OrThrow();
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        if (_connection is null)
            return false;

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            await _connection.AskAsync(new GuardRequest { Operation = GuardOperation.Hello }, limit.Token);
            return true;
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        await _connection.DisposeAsync();
        _connection = null;
        return false;
    }
}
