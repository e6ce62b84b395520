using System.Diagnostics;
using System.Globalization;

namespace StatefulDeploy.Harness.Processes;

/// <summary>
/// A real process under the hand of a test: its output kept, its life in the test's power. It dies with the test process, and
/// with it, on disposal, everything it started.
/// </summary>
public sealed class TestProcess : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(5);

    private readonly Process _process;
    private readonly ProcessMark _mark = new();
    private readonly List<string> _lines = [];
    private readonly TaskCompletionSource<int> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _entered;

    private TestProcess(string program, IEnumerable<string> arguments, ProcessOptions options)
    {
        Name = Path.GetFileName(program);
        _entered = options.Inside is not null;
        _process = new Process { StartInfo = Describe(program, arguments, options), EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        // Not WaitForExit, which waits for the end of the output too: a detached descendant holds that open.
        _process.Exited += (_, _) => _exit.TrySetResult(_process.ExitCode);
    }

    /// <summary>The program's name.</summary>
    public string Name { get; }

    /// <summary>Its process id, as it is outside of any namespace.</summary>
    public int Id { get; private set; }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _exit.Task.IsCompleted;

    /// <summary>Its exit code; 128 and the signal's number if a signal ended it.</summary>
    public int ExitCode => _exit.Task.IsCompleted ? _exit.Task.Result : throw new InvalidOperationException($"{Name} is still running.");

    /// <summary>What it has said until now on standard output and error.</summary>
    public string Output
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <summary>Starts a program.</summary>
    /// <param name="program">Its path, or its name on the PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="options">Environment and folder.</param>
    public static TestProcess Start(string program, IEnumerable<string> arguments, ProcessOptions? options = null)
    {
        var started = new TestProcess(program, arguments, options ?? new ProcessOptions());
        Spawner.Start(started._process);
        started._process.BeginOutputReadLine();
        started._process.BeginErrorReadLine();
        started._process.StandardInput.Close();
        started.Id = started._entered ? started.FindEntered() : started._process.Id;
        return started;
    }

    /// <summary>Starts a .NET program that was built next to the tests, such as <c>statefuldeploy</c>.</summary>
    /// <param name="assembly">Its name without extension.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="options">Environment and folder.</param>
    public static TestProcess StartDotnet(string assembly, IEnumerable<string> arguments, ProcessOptions? options = null)
    {
        var path = Path.Combine(AppContext.BaseDirectory, assembly + ".dll");
        return File.Exists(path)
            ? Start(System.Environment.ProcessPath is { } host && Path.GetFileName(host) == "dotnet" ? host : "dotnet", [path, .. arguments], options)
            : throw new FileNotFoundException($"{assembly}.dll is not beside the tests: reference its project.", path);
    }

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">Its path, or its name on the PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="within">How long it may take.</param>
    /// <param name="options">Environment and folder.</param>
    /// <returns>Exit code and output.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(string program, IEnumerable<string> arguments, TimeSpan within, ProcessOptions? options = null)
    {
        await using var process = Start(program, arguments, options);
        var code = await process.WaitForExitAsync(within);
        return (code, process.Output);
    }

    /// <summary>Waits until it has said a line that contains the text.</summary>
    /// <param name="text">What the line contains.</param>
    /// <param name="within">How long to wait.</param>
    /// <returns>The line.</returns>
    /// <exception cref="TimeoutException">It said no such line; the message has what it did say.</exception>
    /// <exception cref="InvalidOperationException">It ended before it said such a line.</exception>
    public Task<string> WaitForLineAsync(string text, TimeSpan within) => WaitForLineAsync(line => line.Contains(text, StringComparison.Ordinal), $"a line with '{text}'", within);

    /// <summary>Waits until it has said a line of a kind.</summary>
    /// <param name="fits">Which line.</param>
    /// <param name="what">What is waited for, in words.</param>
    /// <param name="within">How long to wait.</param>
    /// <returns>The line.</returns>
    public async Task<string> WaitForLineAsync(Func<string, bool> fits, string what, TimeSpan within)
    {
        string? found = null;
        await WaitUntilAsync(() => (found = Find(fits)) is not null, what, within);
        return found!;
    }

    /// <summary>Waits until something is true that this process is to bring about.</summary>
    /// <param name="condition">What is to become true.</param>
    /// <param name="what">The same in words.</param>
    /// <param name="within">How long to wait.</param>
    public async Task WaitUntilAsync(Func<bool> condition, string what, TimeSpan within)
    {
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            // Read before the condition is looked at: what it did before it ended counts.
            var ended = HasExited;
            if (condition())
            {
                return;
            }

            if (ended && Stopwatch.GetElapsedTime(begun) > TimeSpan.FromMilliseconds(200))
            {
                throw new InvalidOperationException($"{Name} ended with {ExitCode} before {what}. It said:\n{Output}");
            }

            if (Stopwatch.GetElapsedTime(begun) > within)
            {
                throw new TimeoutException($"{Name}: not within {within.TotalSeconds} s: {what}. It said:\n{Output}");
            }

            await Task.Delay(Poll);
        }
    }

    /// <summary>Waits until it has ended.</summary>
    /// <param name="within">How long to wait.</param>
    /// <returns>Its exit code.</returns>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan within)
    {
        try
        {
            var code = await _exit.Task.WaitAsync(within);
            await DrainAsync();
            return code;
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException($"{Name} did not end within {within.TotalSeconds} s. It said:\n{Output}", error);
        }
    }

    /// <summary>SIGINT, as Ctrl+C sends it.</summary>
    public void Interrupt() => Signal.Send(Id, Signal.Interrupt);

    /// <summary>SIGHUP, on which many servers read their configuration again.</summary>
    public void Reload() => Signal.Send(Id, Signal.HangUp);

    /// <summary>SIGTERM.</summary>
    public void Terminate() => Signal.Send(Id, Signal.Terminate);

    /// <summary>SIGKILL, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        Signal.Send(Id, Signal.Kill);
        await _exit.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    /// <summary>SIGSTOP, and waits until all its threads stand still.</summary>
    public async Task SuspendAsync()
    {
        Signal.Send(Id, Signal.Stop);
        await WaitUntilAsync(() => States().All(state => state == 'T'), "it stands still", TimeSpan.FromSeconds(5));
    }

    /// <summary>SIGCONT.</summary>
    public void Continue()
    {
        // nsenter stops itself with what it waits for, and only then sees it go on.
        Signal.Send(_process.Id, Signal.Continue);
        Signal.Send(Id, Signal.Continue);
    }

    /// <summary>The processes it started that still run, itself among them; also those that detached themselves.</summary>
    public IReadOnlyList<int> Descendants() => _mark.Find();

    /// <summary>Kills it and everything it started.</summary>
    public async ValueTask DisposeAsync()
    {
        _mark.KillAll();
        Signal.Send(_process.Id, Signal.Kill);
        Signal.Send(Id, Signal.Kill);
        await _exit.Task.WaitAsync(TimeSpan.FromSeconds(10));
        _process.Dispose();
    }

    private ProcessStartInfo Describe(string program, IEnumerable<string> arguments, ProcessOptions options)
    {
        // setpriv becomes the program, so the process id is the program's own.
        IReadOnlyList<string> command = ["setpriv", "--pdeathsig", "KILL", "--", program, .. arguments];
        if (options.Inside is { } target)
        {
            // Entering leaves the working folder behind; a process is in a process-id namespace from its birth on, so nsenter stays as its parent.
            command = ["setpriv", "--pdeathsig", "KILL", "--", "nsenter", "--target", target.ToString(CultureInfo.InvariantCulture), "--net", "--mount", "--uts", "--ipc", "--pid", "--",
                "env", "-C", options.WorkingDirectory ?? "/", .. command];
        }

        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = options.Inside is null ? options.WorkingDirectory ?? string.Empty : string.Empty,
        };
        foreach (var (name, value) in options.Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment[ProcessMark.Variable] = _mark.Value;
        return start;
    }

    /// <summary>The program that nsenter started; nsenter itself when it ended before that.</summary>
    private int FindEntered()
    {
        for (; !HasExited; Thread.Sleep(1))
        {
            try
            {
                if (File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children") is { Length: > 0 } children && Path.GetFileName(Executable()) == "nsenter")
                {
                    return int.Parse(children.Split(' ')[0], CultureInfo.InvariantCulture);
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile.
            }
        }

        return _process.Id;
    }

    private string Executable() => new FileInfo($"/proc/{_process.Id}/exe").LinkTarget ?? string.Empty;

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lock (_lines)
            {
                _lines.Add(line);
            }
        }
    }

    private string? Find(Func<string, bool> fits)
    {
        lock (_lines)
        {
            return _lines.FirstOrDefault(fits);
        }
    }

    /// <summary>What it said last may still be in the pipe when it is gone; its end is not waited for, since a descendant may hold it.</summary>
    private async Task DrainAsync()
    {
        var length = -1;
        for (var round = 0; round < 20 && length != Output.Length; round++)
        {
            length = Output.Length;
            await Task.Delay(Poll * 4);
        }
    }

    private IEnumerable<char> States()
    {
        string[] tasks;
        try
        {
            tasks = Directory.GetDirectories($"/proc/{Id}/task");
        }
        catch (DirectoryNotFoundException)
        {
            yield break;
        }

        foreach (var task in tasks)
        {
            var state = State(task);
            if (state is not null)
            {
                yield return state.Value;
            }
        }
    }

    private static char? State(string task)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(task, "stat"));
            return text[text.LastIndexOf(')') + 2];
        }
        catch (IOException)
        {
            // A thread that ended meanwhile.
            return null;
        }
    }
}
