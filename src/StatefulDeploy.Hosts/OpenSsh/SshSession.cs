using System.Diagnostics;
using System.Globalization;
using System.Text;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Hosts.OpenSsh;

/// <summary>A command that runs on a host: its input and output as they come, and its end.</summary>
internal sealed class SshSession : IHostChannel
{
    private const int LostByClient = 255;

    // Two line ends, a space and three digits, and some to spare.
    private const int LongestCode = 16;
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(8);

    private readonly SshHostOptions _options;
    private readonly SshConnection _connection;
    private readonly HostCommand _command;
    private readonly string _token;
    private readonly Process _process;
    private readonly StringBuilder _error = new();
    private readonly TaskCompletionSource<int> _code = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;
    private string? _group;

    private SshSession(SshHostOptions options, SshConnection connection, HostCommand command, string token, Process process)
    {
        _options = options;
        _connection = connection;
        _command = command;
        _token = token;
        _process = process;
        _reading = ReadErrorAsync();
    }

    /// <summary>What the command reads.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>What the command writes.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>Starts a command and returns when it runs.</summary>
    /// <exception cref="UpgradeException">The host cannot be reached, or there is no such program or folder there.</exception>
    public static async Task<SshSession> StartAsync(SshHostOptions options, HostCommand command, bool sudo, CancellationToken cancellationToken)
    {
        var connection = SshConnection.To(options);
        var sent = new RemoteCommand(command, sudo);
        var session = new SshSession(options, connection, command, sent.Token, await connection.StartSessionAsync(sent.CommandLine, cancellationToken));
        try
        {
            await session.SendAsync(sent.Script, cancellationToken);
            await session.ReadStartAsync(cancellationToken);
            return session;
        }
        catch
        {
            await session.EndAsync();
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Its exit code and what it said on the error output, when it has ended.</summary>
    /// <exception cref="UpgradeException">The connection broke, or sudo refused.</exception>
    public async Task<(int Code, string Error)> WaitAsync(CancellationToken cancellationToken)
    {
        var code = await _code.Task.WaitAsync(cancellationToken);
        var error = Said();
        return _options.Sudo && code != 0 && SshFailure.IsSudoRefusal(error) ? throw SshFailure.SudoRefused(_options, _command.Program, error) : (code, error);
    }

    /// <summary>Ends the command and all that it started in its group, over there: asked first, then without asking. Whoever is cut off leaves that to its deadline.</summary>
    public async Task EndAsync()
    {
        if (_group is null || _code.Task.IsCompleted)
            return;

        using var limit = new CancellationTokenSource(EndLimit);
        // A shell's own kill takes a group only after -s NAME; the program (procps) would take the group of a low number for another signal then.
        var kill = _options.Sudo ? "sudo -n kill -" : "kill -s ";
        var script = $"{kill}TERM -- -{_group}; n=0; while {kill}0 -- -{_group} && [ $n -lt 40 ]; do sleep 0.05; n=$((n+1)); done; {kill}KILL -- -{_group}";
        try
        {
            using var ending = await _connection.StartSessionAsync($"exec /bin/sh -c {ShellText.Quote($"{{ {script}; }} 2> /dev/null")}", limit.Token);
            ending.StandardInput.Close();
            try
            {
                await ending.WaitForExitAsync(limit.Token);
            }
            finally
            {
                if (!ending.HasExited)
                    ending.Kill();
            }
        }
        catch (Exception error) when (error is UpgradeException or OperationCanceledException)
        {
            // It cannot be reached. The deadline that it has over there ends it.
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }

        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _process.Dispose();
    }

    private async Task SendAsync(ReadOnlyMemory<byte> script, CancellationToken cancellationToken)
    {
        try
        {
            await Input.WriteAsync(script, cancellationToken);
            await Input.FlushAsync(cancellationToken);
        }
        catch (IOException)
        {
            // It ended before it read: what it said tells why.
        }
    }

    /// <summary>Our own first line. What the user's shell says before it is skipped.</summary>
    private async Task ReadStartAsync(CancellationToken cancellationToken)
    {
        while (await ReadLineAsync(cancellationToken) is { } line)
        {
            if (!line.StartsWith(_token, StringComparison.Ordinal))
                continue;

            _group = line[(_token.Length + 1)..] switch
            {
                "missing" => throw SshFailure.Missing(_options, _command.Program),
                "folder" => throw SshFailure.NoFolder(_options, _command.WorkingFolder!),
                "nosudo" => throw SshFailure.Missing(_options, "sudo"),
                var group => group,
            };
            return;
        }

        await _reading.WaitAsync(cancellationToken);
        var said = Said();
        throw said.Contains("Session open refused", StringComparison.Ordinal) ? SshFailure.NoSession(_options, said) : SshFailure.Unreachable(_options, SshFailure.LastLine(said));
    }

    private async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        // A byte at a time: what follows the line is the command's.
        var line = new List<byte>();
        var one = new byte[1];
        while (await Output.ReadAsync(one, cancellationToken) == 1)
        {
            if (one[0] == '\n')
                return Encoding.UTF8.GetString([.. line]);

            line.Add(one[0]);
        }

        return null;
    }

    private async Task ReadErrorAsync()
    {
        var buffer = new char[4096];
        for (int count; (count = await _process.StandardError.ReadAsync(buffer)) > 0;)
        {
            lock (_error)
                _error.Append(buffer, 0, count);

            TakeCode();
        }

        await _process.WaitForExitAsync();
        if (_code.Task.IsCompleted)
            return;

        // The command cannot have told: a signal ended all of it, or the connection broke.
        if (_process.ExitCode == LostByClient && await _connection.HasEndedAsync())
            _code.TrySetException(SshFailure.Lost(_options, _command.Program));
        else
            _code.TrySetResult(_process.ExitCode);
    }

    private void TakeCode()
    {
        lock (_error)
        {
            var tail = Math.Min(_error.Length, _token.Length + LongestCode);
            var text = _error.ToString(_error.Length - tail, tail);
            var at = text.LastIndexOf($"\n{_token} ", StringComparison.Ordinal);
            if (at < 0 || !text.EndsWith('\n') || !int.TryParse(text.AsSpan(at + _token.Length + 2).Trim(), CultureInfo.InvariantCulture, out var code))
                return;

            _error.Length -= tail - at;
            _code.TrySetResult(code);
        }
    }

    private string Said()
    {
        lock (_error)
            return _error.ToString();
    }
}
