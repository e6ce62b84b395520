using System.ComponentModel;
using System.Diagnostics;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Hosts.Local;

/// <summary>A command that is run to its end.</summary>
internal static class LocalCommand
{
    // A grandchild that stays (a server that went to the background) keeps the pipes open: its starter's output is there by then.
    private static readonly TimeSpan OutputGrace = TimeSpan.FromMilliseconds(500);

    public static async Task<CommandResult> RunAsync(HostCommand command, CancellationToken cancellationToken)
    {
        using var process = Start(command);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var reading = new CancellationTokenSource();
        deadline.CancelAfter(command.Timeout);
        var output = ReadAsync(process.StandardOutput, reading.Token);
        var error = ReadAsync(process.StandardError, reading.Token);
        try
        {
            await FeedAsync(process, command.Input, deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await reading.CancelAsync();
            await Task.WhenAll(output, error);
            cancellationToken.ThrowIfCancellationRequested();
            throw TimedOut(command);
        }

        reading.CancelAfter(OutputGrace);
        return new CommandResult(process.ExitCode, await output, await error);
    }

    public static ProcessStartInfo Describe(HostCommand command, string program)
    {
        var start = new ProcessStartInfo(program, command.Arguments)
        {
            WorkingDirectory = command.WorkingFolder ?? string.Empty,
            UseShellExecute = false,
        };
        foreach (var (name, value) in command.Environment)
            start.Environment[name] = value;

        return start;
    }

    public static Process Launch(ProcessStartInfo start, string program)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw new UpgradeException(
                "CommandFailedToStart",
                $"'{program}' cannot be started: {error.Message}",
                "See whether the program is for this machine, whether its working folder exists, and whether this user may run it.",
                FailureCategory.OperationFailed,
                error) { Target = program };
        }
    }

    private static Process Start(HostCommand command)
    {
        var start = Describe(command, ProgramFile.Find(command));
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        return Launch(start, command.Program);
    }

    private static async Task FeedAsync(Process process, string? input, CancellationToken cancellationToken)
    {
        try
        {
            if (input is not null)
                await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);

            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended, or closed its input, without reading all: its exit code tells whether that is wrong.
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var text = new System.Text.StringBuilder();
        var buffer = new char[4096];
        try
        {
            for (int count; (count = await reader.ReadAsync(buffer, cancellationToken)) > 0;)
                text.Append(buffer, 0, count);
        }
        catch (OperationCanceledException)
        {
            // What came until now is the output.
        }

        return text.ToString();
    }

    private static UpgradeException TimedOut(HostCommand command) => new(
        "CommandTimedOut",
        $"'{command.Program}' had not ended after {command.Timeout.TotalSeconds:0.#} s and was ended.",
        "See why it hangs, or allow it more time.",
        FailureCategory.Timeout) { Target = command.Program };
}
