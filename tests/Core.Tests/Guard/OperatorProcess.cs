using System.Diagnostics;
using StatefulDeploy.Contracts;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Core.Tests.Guard;

/// <summary>An orchestrator in a process of its own, told step by step what to do; killed and stopped where the test likes.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;

    private OperatorProcess(Process process)
    {
        _process = process;
        Identity = RunningProcess.Find(process.Id)!;
    }

    public ProcessIdentity Identity { get; }

    public static async Task<OperatorProcess> StartAsync(HostCommand command)
    {
        var start = new ProcessStartInfo(command.Program, command.Arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        var one = new OperatorProcess(Process.Start(start)!);
        Assert.Equal("ready", await one.ReadAsync());
        return one;
    }

    /// <summary>Tells it to do something and returns what it answers.</summary>
    public async Task<string> DoAsync(string what)
    {
        await TellAsync(what);
        return await ReadAsync();
    }

    public async Task ExpectAsync(string what, string answer) => Assert.Equal(answer, await DoAsync(what));

    public async Task ExpectErrorAsync(string what, string errorId) => Assert.StartsWith($"error {errorId} ", await DoAsync(what), StringComparison.Ordinal);

    /// <summary>Takes the lease as soon as its owner is silent, and returns its epoch.</summary>
    public async Task<long> TakeOverAsync()
    {
        for (var began = Environment.TickCount64; ; await Task.Delay(50))
        {
            var answer = await DoAsync("connect");
            if (answer.StartsWith("epoch ", StringComparison.Ordinal))
                return long.Parse(answer[6..], System.Globalization.CultureInfo.InvariantCulture);

            Assert.StartsWith("error ServiceBusy ", answer, StringComparison.Ordinal);
            Assert.True(Environment.TickCount64 - began < Patience.TotalMilliseconds, answer);
        }
    }

    /// <summary>Tells it to do something and does not wait for the answer.</summary>
    public async Task TellAsync(string what)
    {
        await _process.StandardInput.WriteLineAsync(what);
        await _process.StandardInput.FlushAsync();
    }

    public async Task<string> ReadAsync() =>
        await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience) ?? throw new EndOfStreamException("The operator has ended.");

    public Task KillAsync() => RunningProcess.KillAsync(Identity, TimeSpan.FromSeconds(10), CancellationToken.None);

    public void Stop() => Signals.Send(Identity, Signals.Stop);

    public void Continue() => Signals.Send(Identity, Signals.Continue);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }
}
