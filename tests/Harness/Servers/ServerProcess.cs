using System.Diagnostics;
using StatefulDeploy.Harness.Processes;

namespace StatefulDeploy.Harness.Servers;

/// <summary>A real server of a test, on a loopback port and in a folder of its own, both of which it keeps over restarts.</summary>
public abstract class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopsWithin = TimeSpan.FromSeconds(15);

    private readonly List<string> _earlierLives = [];
    private TestProcess? _process;

    /// <param name="installation">Which server.</param>
    /// <param name="folder">Its folder, which exists.</param>
    /// <param name="port">Its port.</param>
    protected ServerProcess(ServerInstallation installation, string folder, int port)
    {
        Installation = installation;
        Folder = folder;
        Port = port;
    }

    /// <summary>Which server it is.</summary>
    public ServerInstallation Installation { get; }

    /// <summary>Its data and configuration.</summary>
    public string Folder { get; }

    /// <summary>Its port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Its process; the last one if it was stopped.</summary>
    public TestProcess Process => _process ?? throw new InvalidOperationException("It was not started.");

    /// <summary>Whether its process runs.</summary>
    public bool Running => _process is { HasExited: false };

    /// <summary>What it said in all its lives.</summary>
    public string Log => string.Join('\n', [.. _earlierLives, _process?.Output ?? string.Empty]);

    /// <summary>The command line.</summary>
    protected abstract IReadOnlyList<string> Arguments { get; }

    /// <summary>What is started: its program, or what becomes it.</summary>
    protected virtual (string Program, IReadOnlyList<string> Arguments) Command => (Installation.Program, Arguments);

    /// <summary>Starts it, again with the same data if it ran before, and waits until it answers.</summary>
    public async Task StartAsync()
    {
        if (Running)
        {
            throw new InvalidOperationException($"{Installation.Name} runs already.");
        }

        if (_process is not null)
        {
            _earlierLives.Add(_process.Output);
            await _process.DisposeAsync();
        }

        var (program, arguments) = Command;
        _process = TestProcess.Start(program, arguments, new ProcessOptions { WorkingDirectory = Folder });
        await WaitUntilReadyAsync();
    }

    /// <summary>The signal by which it ends in good order at once, and waits for its end.</summary>
    public async Task StopAsync()
    {
        AskToEnd();
        await Process.WaitForExitAsync(StopsWithin);
    }

    /// <summary>SIGKILL: nothing of what it had not written is there afterwards.</summary>
    public Task KillAsync() => Process.KillAsync();

    /// <summary>SIGSTOP.</summary>
    public Task SuspendAsync() => Process.SuspendAsync();

    /// <summary>SIGCONT.</summary>
    public void Continue() => Process.Continue();

    /// <summary>Stops and starts it.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>Kills it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>SIGTERM, unless that means something else to it.</summary>
    protected virtual void AskToEnd() => Process.Terminate();

    /// <summary>Whether it answers.</summary>
    protected abstract Task<bool> IsReadyAsync();

    private async Task WaitUntilReadyAsync()
    {
        var begun = Stopwatch.GetTimestamp();
        while (!await IsReadyAsync())
        {
            if (Process.HasExited)
            {
                throw new InvalidOperationException($"{Installation.Name} ended with {Process.ExitCode} instead of starting:\n{Log}");
            }

            if (Stopwatch.GetElapsedTime(begun) > StartsWithin)
            {
                throw new TimeoutException($"{Installation.Name} did not answer within {StartsWithin.TotalSeconds} s:\n{Log}");
            }

            await Task.Delay(10);
        }
    }
}
