using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using StatefulDeploy.Contracts;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Hosts.OpenSsh;

/// <summary>
/// The one connection to a host, over which all its commands go. It ends with this process, however that ends: over there a <c>cat</c> waits for the end
/// of its input, which the kernel closes.
/// </summary>
internal sealed class SshConnection
{
    private static readonly ConcurrentDictionary<SshHostOptions, SshConnection> All = new();
    private static readonly TimeSpan Authentication = TimeSpan.FromSeconds(20);

    private readonly SshHostOptions _options;
    private readonly object _turn = new();
    private Task<Master>? _master;

    private SshConnection(SshHostOptions options)
    {
        _options = options;
        Sessions = new SemaphoreSlim(options.Sessions, options.Sessions);
    }

    /// <summary>The commands that may run on the host at once.</summary>
    public SemaphoreSlim Sessions { get; }

    /// <summary>The connection of this process to a host.</summary>
    public static SshConnection To(SshHostOptions options) => All.GetOrAdd(options, static key => new SshConnection(key));

    /// <summary>Starts a session, connecting first if need be.</summary>
    /// <exception cref="UpgradeException">The host cannot be reached, refuses, or shows another key.</exception>
    public async Task<Process> StartSessionAsync(string command, CancellationToken cancellationToken)
    {
        var master = await ConnectedAsync(cancellationToken);
        return SshProgram.StartSession(_options, master.Socket, command);
    }

    /// <summary>Whether the connection has ended, or ends now: a session that broke with it is told a moment before.</summary>
    public async Task<bool> HasEndedAsync()
    {
        Task<Master>? master;
        lock (_turn)
            master = _master;

        if (master is not { IsCompletedSuccessfully: true })
            return true;

        var process = (await master).Process;
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<Master> ConnectedAsync(CancellationToken cancellationToken)
    {
        Task<Master> master;
        lock (_turn)
        {
            if (_master is null || _master.IsFaulted || (_master.IsCompletedSuccessfully && _master.Result.Process.HasExited))
                _master = ConnectAsync();

            master = _master;
        }

        // Whoever gives up leaves the connection to the others who wait for it.
        return await master.WaitAsync(cancellationToken);
    }

    private async Task<Master> ConnectAsync()
    {
        await Task.Yield();
        var socket = NewSocket();
        var token = $"sd-{Guid.NewGuid():N}";
        var process = SshProgram.StartMaster(_options, socket, $"exec /bin/sh -c {ShellText.Quote($"echo {token}; exec cat > /dev/null")}");
        var said = new StringBuilder();
        var saying = ReadErrorAsync(process, said);
        using var limit = new CancellationTokenSource(_options.ConnectTimeout + Authentication);
        try
        {
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                if (line.EndsWith(token, StringComparison.Ordinal))
                    return new Master(process, socket);
            }

            await saying;
            throw SshFailure.OfConnecting(_options, said.ToString());
        }
        catch (OperationCanceledException)
        {
            throw SshFailure.Unreachable(_options, $"no session within {(_options.ConnectTimeout + Authentication).TotalSeconds:0} s.");
        }
        finally
        {
            if (process.HasExited || limit.IsCancellationRequested)
            {
                process.Kill();
                process.Dispose();
            }
        }
    }

    /// <summary>A name that fits: a socket's path has 107 bytes, and ssh adds 17 to it while it makes it.</summary>
    private static string NewSocket()
    {
        var runtime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        var above = runtime is { Length: > 0 and < 50 } && Directory.Exists(runtime) ? runtime : "/tmp";
        var folder = Path.Combine(above, $"statefuldeploy-{Environment.UserName}");
        if (!DurableFile.TryCreatePrivateFolder(folder))
        {
            throw new UpgradeException(
                "SshFolderExposed",
                $"The folder '{folder}', where connections of ssh are shared, is not this user's alone: whoever can write there could take them over.",
                $"Remove it, or make it private: chmod 0700 '{folder}'.",
                FailureCategory.Refused) { Target = folder };
        }

        // Not by the number of this process: containers that share the folder count from one, each.
        return Path.Combine(folder, Guid.NewGuid().ToString("N")[..16]);
    }

    private static async Task ReadErrorAsync(Process process, StringBuilder said)
    {
        // All of it, for as long as it lives: a full pipe would stop it.
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            if (said.Length < 4096)
                said.AppendLine(line);
        }
    }

    private sealed record Master(Process Process, string Socket);
}
