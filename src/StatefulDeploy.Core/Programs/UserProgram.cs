using System.Diagnostics;
using System.Text;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Programs;

/// <summary>Runs a program of the user's with a deadline; at the deadline its whole process tree is ended.</summary>
internal static class UserProgram
{
    private static readonly TimeSpan LastOutput = TimeSpan.FromSeconds(2);

    /// <summary>How it ended.</summary>
    /// <param name="ExitCode">Null when it was ended at its deadline.</param>
    /// <param name="Output">The last that it printed on both streams, secrets blackened.</param>
    internal sealed record Ended(int? ExitCode, string Output);

    /// <exception cref="UpgradeException">The program cannot be started.</exception>
    internal static async Task<Ended> RunAsync(HostCommand command, IReadOnlyList<string> secrets, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var process = Start(command);
        var output = new OutputTail();
        var reading = Task.WhenAll(output.ReadAsync(process.StandardOutput), output.ReadAsync(process.StandardError));
        deadline.CancelAfter(command.Timeout);
        int? exitCode = null;
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            exitCode = process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
        }

        // A grandchild that has left the tree may hold the streams open for ever.
        await Task.WhenAny(reading, Task.Delay(LastOutput, CancellationToken.None));
        return new Ended(exitCode, Blacken(output.ToString(), secrets));
    }

    internal static string Blacken(string text, IReadOnlyList<string> secrets) =>
        secrets.Where(secret => secret.Length > 0).Aggregate(text, (left, secret) => left.Replace(secret, "***", StringComparison.Ordinal));

    private static Process Start(HostCommand command)
    {
        var start = new ProcessStartInfo(command.Program)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = command.WorkingFolder ?? string.Empty,
        };
        foreach (var argument in command.Arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in command.Environment)
            start.Environment[name] = value;
        try
        {
            var process = Process.Start(start)!;
            Feed(process, command.Input);
            return process;
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or DirectoryNotFoundException)
        {
            throw new UpgradeException("ProgramNotStarted", $"The program '{command.Program}' cannot be started: {exception.Message}", "Check its path in the service file, and that it may be executed.", FailureCategory.NotFound, exception) { Target = command.Program };
        }
    }

    private static void Feed(Process process, string? input)
    {
        try
        {
            process.StandardInput.Write(input ?? string.Empty);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already, or does not want to read; that is its own affair.
        }
    }

    /// <summary>The last lines of two streams, in the order in which they came.</summary>
    private sealed class OutputTail
    {
        private const int MostCharacters = 16_384;
        private readonly StringBuilder _text = new();

        public async Task ReadAsync(StreamReader reader)
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                lock (_text)
                {
                    _text.Append(line.Length > MostCharacters ? line.AsSpan(0, MostCharacters) : line).Append('\n');
                    if (_text.Length > 2 * MostCharacters)
                        _text.Remove(0, _text.Length - MostCharacters);
                }
            }
        }

        public override string ToString()
        {
            lock (_text)
                return _text.ToString(Math.Max(0, _text.Length - MostCharacters), Math.Min(_text.Length, MostCharacters)).Trim();
        }
    }
}
