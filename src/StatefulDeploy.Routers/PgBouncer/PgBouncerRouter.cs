using System.Globalization;
using System.Text.Json;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Routers.PgBouncer;

/// <summary>
/// PgBouncer in transaction pooling: a hold is <c>PAUSE</c>, a switch is its configuration rewritten, <c>RELOAD</c> and <c>RESUME</c>.
/// A pause has no end of its own: the guard ends the hold with the window.
/// </summary>
public sealed class PgBouncerRouter : IRouter
{
    private const string ConfigFile = "configFile";
    private const string AdminUser = "adminUser";
    private const string AdminPasswordFile = "adminPasswordFile";
    private const string AlreadyPaused = "already";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    private readonly RouterDescription _description;
    private readonly string _folder;
    private readonly TimeSpan _windowDeadline;

    // It has a connection of its own: while a pause waits for transactions to end, nothing else can be asked on it.
    private PgBouncerConsole? _pausing;
    private Task _paused = Task.CompletedTask;
    private PgBouncerConsole? _console;

    // What the configuration will be after the switch, and is in the next file already.
    private string? _next;

    /// <summary>Makes the router; it connects with the first call.</summary>
    /// <param name="service">The service: its router's admin address is that of the console, the settings name the configuration file.</param>
    public PgBouncerRouter(ServiceDescription service)
    {
        ArgumentNullException.ThrowIfNull(service);
        _description = service.Router;
        _folder = Path.GetDirectoryName(service.Path)!;
        _windowDeadline = service.Limits.WindowDeadline;
    }

    /// <inheritdoc/>
    public string Kind => "pgbouncer";

    /// <inheritdoc/>
    public RouterPromise Promise { get; } = new(
        KeepsConnections: true,
        ReadsGoOn: false,
        HoldsWrites: true,
        ExpectedGap: TimeSpan.FromMilliseconds(150),
        "PgBouncer cannot tell reads from writes: both wait from the hold to the switch, and none fails. A transaction that is open longer than the grace time is ended with its client's connection. "
        + "Session pooling, server-side prepared statements of PgBouncer before 1.21, LISTEN and session settings do not survive the change of servers.");

    private string Configuration => _description.Settings.TryGetValue(ConfigFile, out string? file)
        ? Path.GetFullPath(file, _folder)
        : throw new UpgradeException("MissingKey", "The router has no settings.configFile.", "Name PgBouncer's configuration file under router.settings.configFile.", FailureCategory.InvalidInput) { Target = ConfigFile };

    private string NextFile => Configuration + ".statefuldeploy.next";

    private string StateFile => Configuration + ".statefuldeploy.json";

    /// <inheritdoc/>
    public async Task<RouterStatus> GetStatusAsync(CancellationToken cancellationToken)
    {
        PgBouncerConsole console = await ConsoleAsync(cancellationToken);
        IReadOnlyList<IReadOnlyDictionary<string, string>> clients = await AskAsync(console, "SHOW CLIENTS", cancellationToken);
        NodeEndpoint? target = PgBouncerConfig.Targets(await ReadAsync(cancellationToken)) is [var first, ..] ? first : null;
        PgBouncerState state = await StateAsync(cancellationToken);
        return new RouterStatus(target?.ToString() ?? string.Empty, target?.ToString() ?? string.Empty, state.Holding, state.Epoch, clients.Count, clients.Count(client => client.GetValueOrDefault("state") == "waiting"));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        string subject = _description.Listen.ToString();
        try
        {
            string text = await ReadAsync(cancellationToken);
            IReadOnlyList<NodeEndpoint> targets = PgBouncerConfig.Targets(text);
            NodeEndpoint writer = context.Source.Writer.Endpoint;
            if (targets.Count != 1 || targets[0] != writer)
            {
                findings.Add(Finding.Refuse("PgBouncerTarget", subject, $"PgBouncer's databases are at {string.Join(", ", targets)}, and the writer of the cluster is {writer}. Its pause is one for all.", "Let one PgBouncer serve this cluster alone, with the endpoint as the service file names it."));
            }

            if (PgBouncerConfig.Find(text, "pool_mode") is not ("transaction" or "statement") and var mode)
            {
                findings.Add(Finding.Refuse("PgBouncerPoolMode", subject, $"Its pool_mode is {mode ?? "session"}: a pause would wait until clients disconnect.", "Set pool_mode = transaction."));
            }

            await InspectConsoleAsync(findings, subject, cancellationToken);
        }
        catch (UpgradeException exception)
        {
            findings.Add(Finding.Refuse(exception.ErrorId, subject, exception.Message, exception.RecommendedAction));
        }

        return findings;
    }

    /// <inheritdoc/>
    public async Task PrepareAsync(RouterTargets target, long epoch, CancellationToken cancellationToken)
    {
        await AskAsync(await ConsoleAsync(cancellationToken), "SHOW DATABASES", cancellationToken);
        if (_pausing is not null)
        {
            await _pausing.DisposeAsync();
        }

        _pausing = await ConnectAsync(cancellationToken);
        string text = await ReadAsync(cancellationToken);
        string changed = PgBouncerConfig.Repoint(text, [.. PgBouncerConfig.Targets(text)], Writer(target));
        DurableFile.Stage(Configuration, NextFile, changed, ModeOfConfiguration());
        _next = changed;
    }

    /// <inheritdoc/>
    public async Task HoldAsync(HoldLimits limits, long epoch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(limits);
        await NoteAsync(epoch, holding: true, cancellationToken);
        _pausing ??= await ConnectAsync(cancellationToken);
        _paused = PauseAsync(_pausing);
        Task first = await Task.WhenAny(_paused, Task.Delay(limits.Drain, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        if (first == _paused)
        {
            await _paused;
        }

        // Past the grace time the pause goes on waiting: no new transaction begins, and the fence ends those that are left.
    }

    /// <inheritdoc/>
    public async Task RouteReadsAsync(RouterTargets target, long epoch, CancellationToken cancellationToken)
    {
        // Everything is held; what goes on after this goes to the target, also after a restart of PgBouncer.
        await NoteAsync(epoch, holding: true, cancellationToken);
        await RepointAsync(target, cancellationToken);
    }

    /// <inheritdoc/>
    public Task SwitchAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) => ResumeAsync(target, epoch, cancellationToken);

    /// <inheritdoc/>
    public Task ReleaseAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) => ResumeAsync(target, epoch, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_pausing is not null)
        {
            await _pausing.DisposeAsync();
        }

        if (_console is not null)
        {
            await _console.DisposeAsync();
        }

        await ((Task)_paused).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static NodeEndpoint Writer(RouterTargets target) => target.ByShard.Count == 1
        ? target.ByShard.Values.Single()
        : throw new UpgradeException("PgBouncerOneShard", $"A PgBouncer stands before one writer, and {target.ByShard.Count} were named.", "Use one a shard.", FailureCategory.InvalidInput);

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

    private async Task InspectConsoleAsync(List<Finding> findings, string subject, CancellationToken cancellationToken)
    {
        PgBouncerConsole console = await ConsoleAsync(cancellationToken);
        IReadOnlyDictionary<string, string> settings = (await AskAsync(console, "SHOW CONFIG", cancellationToken)).ToDictionary(row => row["key"], row => row["value"], StringComparer.Ordinal);
        if (double.TryParse(settings.GetValueOrDefault("query_wait_timeout"), out double wait) && wait > 0 && wait < _windowDeadline.TotalSeconds)
        {
            findings.Add(Finding.Warn("PgBouncerWait", subject, $"query_wait_timeout is {wait} s: clients that are held longer are disconnected, and a window may last {_windowDeadline.TotalSeconds:0} s.", "Set it above the window's deadline, or to 0."));
        }

        findings.Add(Finding.Inform("PgBouncerClients", subject, $"{(await AskAsync(console, "SHOW CLIENTS", cancellationToken)).Count} clients are connected to PgBouncer."));
    }

    private async Task ResumeAsync(RouterTargets target, long epoch, CancellationToken cancellationToken)
    {
        await NoteAsync(epoch, holding: true, cancellationToken);
        await RepointAsync(target, cancellationToken);
        PgBouncerConsole console = await ConsoleAsync(cancellationToken);
        try
        {
            await AskAsync(console, "RESUME", cancellationToken);
        }
        catch (UpgradeException exception) when (exception.ErrorId == "PgBouncerRefused")
        {
            // It was not paused: it was restarted, or somebody else let go before.
        }

        DurableFile.FlushFolder(Path.GetDirectoryName(Configuration)!);
        await NoteAsync(epoch, holding: false, cancellationToken);
        File.Delete(NextFile);
        if (_pausing is not null)
        {
            await _pausing.DisposeAsync();
            await _paused.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _pausing = null;
        }
    }

    private async Task RepointAsync(RouterTargets target, CancellationToken cancellationToken)
    {
        string text = await ReadAsync(cancellationToken);
        NodeEndpoint writer = Writer(target);
        string changed = PgBouncerConfig.Repoint(text, [.. PgBouncerConfig.Targets(text)], writer);
        if (changed != text)
        {
            Replace(changed);
            await AskAsync(await ConsoleAsync(cancellationToken), "RELOAD", cancellationToken);
        }
        else if (await IsAtAsync(writer, cancellationToken))
        {
            return;
        }
        else
        {
            // Whoever wrote the file died before the reload, or it could not be read then.
            await AskAsync(await ConsoleAsync(cancellationToken), "RELOAD", cancellationToken);
        }

        // A file that it cannot read it only tells of in its log.
        if (!await IsAtAsync(writer, cancellationToken))
        {
            throw new UpgradeException("PgBouncerNotReloaded", $"PgBouncer did not take {Configuration} into use: its databases are not at {writer}.", "Read its log; the user it runs as must be able to read the file.", FailureCategory.OperationFailed) { Target = Configuration };
        }
    }

    // A renaming that a power cut takes back leaves PgBouncer at a cluster that is closed, and the upgrade's next step finds that: so the folder is
    // flushed when nobody waits any more.
    private void Replace(string text)
    {
        if (text == Interlocked.Exchange(ref _next, null) && File.Exists(NextFile))
        {
            File.Move(NextFile, Configuration, overwrite: true);
            return;
        }

        DurableFile.Replace(Configuration, text, ModeOfConfiguration());
    }

    private UnixFileMode ModeOfConfiguration() => OperatingSystem.IsWindows() ? Private : File.GetUnixFileMode(Configuration);

    // What it has taken into use, which its file only asks for. Databases of its own, as that of the console, have no host.
    private async Task<bool> IsAtAsync(NodeEndpoint writer, CancellationToken cancellationToken)
    {
        IReadOnlyList<IReadOnlyDictionary<string, string>> databases = await AskAsync(await ConsoleAsync(cancellationToken), "SHOW DATABASES", cancellationToken);
        return databases.Where(row => row.GetValueOrDefault("host") is { Length: > 0 }).All(row =>
            row["host"] == writer.Host && row.GetValueOrDefault("port") == writer.Port.ToString(CultureInfo.InvariantCulture));
    }

    // The file's lock is held only while the epoch is compared and stored; who comes later with an older one is refused.
    private async Task NoteAsync(long epoch, bool holding, CancellationToken cancellationToken)
    {
        using FileLock turn = await TakeLockAsync(cancellationToken);
        PgBouncerState state = await StateAsync(cancellationToken);
        if (epoch < state.Epoch)
        {
            throw new UpgradeException("StaleEpoch", $"PgBouncer was changed under epoch {state.Epoch}; epoch {epoch} has ended.", "Somebody else has taken over; look at the upgrade's state.", FailureCategory.StaleEpoch) { Target = epoch };
        }

        if (state != new PgBouncerState(epoch, holding))
        {
            DurableFile.Replace(StateFile, JsonSerializer.Serialize(new PgBouncerState(epoch, holding)), Private);
        }
    }

    private async Task<FileLock> TakeLockAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (FileLock.TryTake(StateFile + ".lock") is { } taken)
            {
                return taken;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), cancellationToken);
        }
    }

    private async Task<PgBouncerState> StateAsync(CancellationToken cancellationToken) => File.Exists(StateFile)
        ? JsonSerializer.Deserialize<PgBouncerState>(await File.ReadAllTextAsync(StateFile, cancellationToken))!
        : new PgBouncerState(0, false);

    private async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(Configuration, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UpgradeException("PgBouncerConfig", $"PgBouncer's configuration cannot be read: {exception.Message}", "Name it under router.settings.configFile, and run as a user who may change it.", FailureCategory.NotFound, exception) { Target = Configuration };
        }
    }

    private async Task<PgBouncerConsole> ConsoleAsync(CancellationToken cancellationToken) => _console ??= await ConnectAsync(cancellationToken);

    private async Task<PgBouncerConsole> ConnectAsync(CancellationToken cancellationToken)
    {
        string? password = _description.Settings.TryGetValue(AdminPasswordFile, out string? file) ? (await File.ReadAllLinesAsync(Path.GetFullPath(file, _folder), cancellationToken)).FirstOrDefault() : null;
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerWithin);
        try
        {
            return await PgBouncerConsole.ConnectAsync(NodeEndpoint.Parse(_description.Admin), _description.Settings.GetValueOrDefault(AdminUser) ?? "postgres", password, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Silent();
        }
    }

    private async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> AskAsync(PgBouncerConsole console, string command, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerWithin);
        try
        {
            return await console.AskAsync(command, limit.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
            await ForgetAsync();
            throw exception is OperationCanceledException ? Silent() : new UpgradeException("PgBouncerUnreachable", $"PgBouncer at {_description.Admin} ended the connection: {exception.Message}", "Check that it runs.", FailureCategory.Unreachable, exception);
        }
    }

    private async Task ForgetAsync()
    {
        if (_console is not null)
        {
            await _console.DisposeAsync();
            _console = null;
        }
    }

    private UpgradeException Silent() =>
        new("PgBouncerTimeout", $"PgBouncer at {_description.Admin} did not answer within {AnswerWithin.TotalSeconds:0} s.", "Check that it runs.", FailureCategory.Timeout) { Target = _description.Admin };
}
