using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Routers.Instances;

namespace StatefulDeploy.Routers.PgBouncer;

/// <summary>One PgBouncer.</summary>
internal sealed class PgBouncerInstance(PgBouncerOptions options) : IRouterInstance
{
    private const string AlreadyPaused = "already";

    // It answers from memory; who is silent for longer than this hangs, and the window is not spent on it.
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(3);

    // It has a connection of its own: while a pause waits for transactions to end, nothing else can be asked on it.
    private PgBouncerConsole? _pausing;
    private Task _paused = Task.CompletedTask;
    private PgBouncerConsole? _console;

    /// <inheritdoc/>
    public string Name => options.Admin;

    /// <inheritdoc/>
    public async Task<InstanceStatus> GetStatusAsync(CancellationToken cancellationToken)
    {
        var clients = await AskAsync("SHOW CLIENTS", cancellationToken);
        var targets = PgBouncerConfig.Targets(await options.Configuration.ReadAsync(cancellationToken));
        return new InstanceStatus(string.Join(", ", targets), clients.Count, clients.Count(client => client.GetValueOrDefault("state") == "waiting"));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Finding>> InspectAsync(NodeEndpoint writer, CancellationToken cancellationToken)
    {
        var text = await options.Configuration.ReadAsync(cancellationToken);
        return PgBouncerInspection.Inspect(
            options, writer, text, await DatabasesAsync(cancellationToken), await AskAsync("SHOW CONFIG", cancellationToken), (await AskAsync("SHOW CLIENTS", cancellationToken)).Count);
    }

    /// <inheritdoc/>
    public async Task PrepareAsync(NodeEndpoint target, CancellationToken cancellationToken)
    {
        await AskAsync("SHOW DATABASES", cancellationToken);
        if (_pausing is not null)
            await _pausing.DisposeAsync();

        _pausing = await ConnectAsync(cancellationToken);
        var text = await options.Configuration.ReadAsync(cancellationToken);
        await options.Configuration.StageAsync(PgBouncerConfig.Repoint(text, PgBouncerConfig.Targets(text), target), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task HoldAsync(HoldLimits limits, CancellationToken cancellationToken)
    {
        // Its loop reads the pause before it reads the second of these; and one that hangs must not be found only after the commit.
        await BeginPauseAsync(cancellationToken);
        await AskAsync("SHOW VERSION", cancellationToken);
        await AskAsync("SHOW VERSION", cancellationToken);
        if (_paused.IsFaulted)
        {
            // It was restarted since it was prepared, and is there again.
            await EndPauseAsync();
            await BeginPauseAsync(cancellationToken);
        }

        // In session pooling nothing but the fence ends the pause. Elsewhere it goes on waiting past the grace time too: no new transaction
        // begins, and the fence ends those that are left.
        var first = await Task.WhenAny(_paused, Task.Delay(options.KeepsSessions ? TimeSpan.Zero : limits.Drain, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        if (first == _paused)
            await _paused;
    }

    /// <inheritdoc/>
    public async Task<bool> RouteAsync(NodeEndpoint target, CancellationToken cancellationToken)
    {
        var text = await options.Configuration.ReadAsync(cancellationToken);
        var changed = PgBouncerConfig.Repoint(text, PgBouncerConfig.Targets(text), target);
        if (changed != text)
            await options.Configuration.ReplaceAsync(changed, cancellationToken);

        try
        {
            if (changed == text && await IsAtAsync(target, cancellationToken))
                return true;

            await AskAsync("RELOAD", cancellationToken);
        }
        catch (UpgradeException exception) when (exception.Category == FailureCategory.Unreachable)
        {
            return false; // It died, and comes back with this file.
        }

        // A file that it cannot read it only tells of in its log.
        return await IsAtAsync(target, cancellationToken)
            ? true
            : throw new UpgradeException("PgBouncerNotReloaded", $"PgBouncer at {Name} did not take {options.Configuration.Path} into use: its databases are not at {target}.", "Read its log; the user it runs as must be able to read the file.", FailureCategory.OperationFailed) { Target = options.Configuration.Path };
    }

    /// <inheritdoc/>
    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync("RESUME", cancellationToken);
        }
        catch (UpgradeException exception) when (exception.ErrorId == PgBouncerConsole.Refused || exception.Category == FailureCategory.Unreachable)
        {
            // It was not paused, because it was restarted or somebody else let go before; or it died.
        }
    }

    /// <inheritdoc/>
    public async Task ProveConfigurableAsync(CancellationToken cancellationToken) => await options.Configuration.ReadAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        await options.Configuration.SettleAsync(cancellationToken);
        await EndPauseAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndPauseAsync();
        if (_console is not null)
            await _console.DisposeAsync();
    }

    private static async Task PauseAsync(PgBouncerConsole console)
    {
        try
        {
            await console.AskAsync("PAUSE", CancellationToken.None);
        }
        catch (UpgradeException exception) when (exception.Message.Contains(AlreadyPaused, StringComparison.Ordinal))
        {
            // A hold that is made twice is one hold.
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            throw new UpgradeException("PgBouncerUnreachable", $"PgBouncer ended the connection over which it was paused: {exception.Message}", "Check that it runs.", FailureCategory.Unreachable, exception);
        }
    }

    private async Task BeginPauseAsync(CancellationToken cancellationToken)
    {
        _pausing ??= await ConnectAsync(cancellationToken);
        _paused = PauseAsync(_pausing);
    }

    private async Task EndPauseAsync()
    {
        if (_pausing is null)
            return;

        await _pausing.DisposeAsync();
        await _paused.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _pausing = null;
    }

    // What it has taken into use, which its file only asks for. Databases of its own, as that of the console, have no host.
    private async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> DatabasesAsync(CancellationToken cancellationToken) =>
        [.. (await AskAsync("SHOW DATABASES", cancellationToken)).Where(row => row.GetValueOrDefault("host") is { Length: > 0 })];

    private async Task<bool> IsAtAsync(NodeEndpoint writer, CancellationToken cancellationToken) => (await DatabasesAsync(cancellationToken)).All(row =>
        row["host"] == writer.Host && row.GetValueOrDefault("port") == writer.Port.ToString(CultureInfo.InvariantCulture));

    private async Task<PgBouncerConsole> ConnectAsync(CancellationToken cancellationToken)
    {
        var password = options.PasswordFile is { } file ? (await File.ReadAllLinesAsync(file, cancellationToken)).FirstOrDefault() : null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerWithin);
        try
        {
            return await PgBouncerConsole.ConnectAsync(options.Admin, options.User, password, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Silent();
        }
    }

    // A connection from before may be one to a process that was restarted since: what is asked here can be asked twice.
    private async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> AskAsync(string command, CancellationToken cancellationToken)
    {
        var known = _console is not null;
        try
        {
            return await AskOnceAsync(command, cancellationToken);
        }
        catch (UpgradeException exception) when (known && exception.Category == FailureCategory.Unreachable)
        {
            return await AskOnceAsync(command, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> AskOnceAsync(string command, CancellationToken cancellationToken)
    {
        _console ??= await ConnectAsync(cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerWithin);
        try
        {
            return await _console.AskAsync(command, limit.Token);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // What comes next on it would be the answer to this.
            await _console.DisposeAsync();
            _console = null;
            cancellationToken.ThrowIfCancellationRequested();
            throw exception is OperationCanceledException ? Silent() : new UpgradeException("PgBouncerUnreachable", $"PgBouncer at {Name} ended the connection: {exception.Message}", "Check that it runs.", FailureCategory.Unreachable, exception) { Target = Name };
        }
    }

    private UpgradeException Silent() =>
        new("PgBouncerTimeout", $"PgBouncer at {Name} did not answer within {AnswerWithin.TotalSeconds:0} s.", "Check that it runs.", FailureCategory.Timeout) { Target = Name };
}
