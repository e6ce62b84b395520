using System.Text;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Hosts.OpenSsh;

/// <summary>Commands that are run on a host to their end.</summary>
internal sealed class SshCommand(SshHostOptions options)
{
    // A grandchild that stays keeps the output open: its starter's output is there by then.
    private static readonly TimeSpan OutputGrace = TimeSpan.FromMilliseconds(500);

    private readonly SshConnection _connection = SshConnection.To(options);

    /// <summary>As the user of the service file wants it: by sudo if the host has it.</summary>
    public Task<CommandResult> RunAsync(HostCommand command, CancellationToken cancellationToken) =>
        RunAsync(command, Encoding.UTF8.GetBytes(command.Input ?? string.Empty), options.Sudo, cancellationToken);

    /// <summary>Runs a script of ours, in which <c>$S</c> stands for sudo where that is needed; its arguments begin at <c>$1</c>.</summary>
    public Task<CommandResult> RunScriptAsync(string script, IReadOnlyList<string> arguments, string? input, TimeSpan timeout, CancellationToken cancellationToken) => RunAsync(
        Script(script, arguments) with { Timeout = timeout }, Encoding.UTF8.GetBytes(input ?? string.Empty), sudo: false, cancellationToken);

    /// <summary>As the other, with bytes to read; it takes what it takes.</summary>
    public Task<CommandResult> RunScriptAsync(string script, IReadOnlyList<string> arguments, ReadOnlyMemory<byte> input, CancellationToken cancellationToken) =>
        RunAsync(Script(script, arguments) with { Timeout = Timeout.InfiniteTimeSpan }, input, sudo: false, cancellationToken);

    private HostCommand Script(string script, IReadOnlyList<string> arguments) =>
        new("/bin/sh", ["-c", $"export LC_ALL=C; S={(options.Sudo ? "'sudo -n --'" : string.Empty)}; {script}", "sh", .. arguments]);

    private async Task<CommandResult> RunAsync(HostCommand command, ReadOnlyMemory<byte> input, bool sudo, CancellationToken cancellationToken)
    {
        await _connection.Sessions.WaitAsync(cancellationToken);
        try
        {
            return await SshThrottle.Shared.RunAsync(() => RunNowAsync(command, input, sudo, cancellationToken), cancellationToken);
        }
        finally
        {
            _connection.Sessions.Release();
        }
    }

    private async Task<CommandResult> RunNowAsync(HostCommand command, ReadOnlyMemory<byte> input, bool sudo, CancellationToken cancellationToken)
    {
        await using var session = await SshSession.StartAsync(options, command, sudo, cancellationToken);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var reading = new CancellationTokenSource();
        if (command.Timeout != Timeout.InfiniteTimeSpan)
            deadline.CancelAfter(command.Timeout);

        var output = ReadAsync(session.Output, reading.Token);
        try
        {
            await FeedAsync(session.Input, input, deadline.Token);
            var (code, error) = await session.WaitAsync(deadline.Token);
            reading.CancelAfter(OutputGrace);
            return new CommandResult(code, await output, error);
        }
        catch (OperationCanceledException)
        {
            await session.EndAsync();
            cancellationToken.ThrowIfCancellationRequested();
            throw SshFailure.TimedOut(options, command);
        }
        finally
        {
            await reading.CancelAsync();
            await output;
        }
    }

    private static async Task FeedAsync(Stream stream, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(input, cancellationToken);
            await stream.DisposeAsync();
        }
        catch (IOException)
        {
            // It ended, or closed its input, without reading all: its exit code tells whether that is wrong.
        }
    }

    private static async Task<string> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var read = new MemoryStream();
        try
        {
            await stream.CopyToAsync(read, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // What came until now is the output.
        }

        return Encoding.UTF8.GetString(read.GetBuffer(), 0, (int)read.Length);
    }
}
