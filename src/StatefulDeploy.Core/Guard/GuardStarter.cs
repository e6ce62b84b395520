using System.Net.Sockets;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Guard;

/// <summary>
/// Sees to it that a guard answers. One that hangs is killed, that very process and no other, and is gone before a new one starts: two
/// never act at once, and what the old one had sent is made harmless by the new one before it acts.
/// </summary>
internal sealed class GuardStarter(GuardClientOptions options) : IGuardWay
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan GoneLimit = TimeSpan.FromSeconds(10);

    private readonly GuardFolder _folder = new(options.Service.GuardDirectory);

    /// <summary>None: the guard on this machine reads the service file.</summary>
    public ServiceDescription? Service => null;

    public Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task ForgetAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task<GuardConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        _folder.Ensure();
        if (await TryGreetAsync(cancellationToken) is { } there)
            return there;

        // Of several who find it missing one starts it. It is a courtesy, not a safeguard (the guard's own lock is): one who was stopped with it in hand does not hold up the others.
        using var turn = await FileLock.TakeAsync(_folder.StarterLock, StartLimit, cancellationToken);
        if (await TryGreetAsync(cancellationToken) is { } started)
            return started;

        await EndHangingAsync(cancellationToken);
        return await StartAsync(cancellationToken);
    }

    public Task<bool> AnswersAsync(GuardConnection connection, CancellationToken cancellationToken) => AnswersAsync(cancellationToken);

    /// <summary>Whether the guard answers on a connection of its own. One that was stopped by a signal does not, and is not waited for.</summary>
    public async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        if (await TryGreetAsync(cancellationToken) is not { } there)
            return false;

        await there.DisposeAsync();
        return true;
    }

    // By a signal.
    private bool IsStopped() => _folder.ReadHolder() is { } holder && RunningProcess.IsStopped(holder);

    private async Task<GuardConnection?> TryGreetAsync(CancellationToken cancellationToken)
    {
        if (IsStopped())
            return null;

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.HangLimit);
        GuardConnection? connection = null;
        try
        {
            connection = await GuardConnection.OpenAsync(_folder, limit.Token);
            await connection.AskAsync(new GuardRequest { Operation = GuardOperation.Hello }, limit.Token);
            return connection;
        }
        catch (Exception error) when (error is SocketException or IOException or OperationCanceledException)
        {
            if (connection is not null)
                await connection.DisposeAsync();

            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }

    /// <summary>Ends whoever has the lock, or was on his way to it, and does not answer.</summary>
    private async Task EndHangingAsync(CancellationToken cancellationToken)
    {
        foreach (var process in new[] { _folder.ReadHolder(), _folder.ReadStarted() }.OfType<ProcessIdentity>().Distinct())
        {
            if (!RunningProcess.IsRunning(process) || process == RunningProcess.Self)
                continue;

            Tell(ReportLevel.Warning, $"The guard (process {process.Id}) does not answer and is replaced.");
            await RunningProcess.KillAsync(process, GoneLimit, cancellationToken);
        }
    }

    private async Task<GuardConnection> StartAsync(CancellationToken cancellationToken)
    {
        var command = options.OwnProgram.Command(["guard", .. new GuardOptions(options.Service.Path, _folder.Path, options.Here).Arguments]);
        var process = await options.Host.StartDetachedAsync(command, _folder.Log, cancellationToken);
        GuardFolder.Write(_folder.Started, process);
        for (var began = Environment.TickCount64; Environment.TickCount64 - began < StartLimit.TotalMilliseconds; await Task.Delay(20, cancellationToken))
        {
            if (await TryGreetAsync(cancellationToken) is { } connection)
            {
                Tell(ReportLevel.Verbose, $"The guard runs as process {process.Id}.");
                return connection;
            }

            if (!RunningProcess.IsRunning(process) && (_folder.ReadHolder() is not { } holder || !RunningProcess.IsRunning(holder)))
                break;
        }

        throw new UpgradeException(
            "GuardNotStarted",
            $"The guard of service '{options.Service.Name}' could not be started: {LastLine()}",
            $"Read '{_folder.Log}'.") { Target = _folder.Log };
    }

    private string LastLine() => File.Exists(_folder.Log) ? File.ReadLines(_folder.Log).LastOrDefault() ?? "it said nothing" : "it said nothing";

    private void Tell(ReportLevel level, string message) => options.Reporter?.Report(new ReportEvent(level, message));
}
