using System.Collections.Concurrent;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard.Remote;

/// <summary>A client's connection as the guard has it: replies go out on it, and so do calls to the hosts that the client reaches.</summary>
internal sealed class ClientLink(JsonLines lines) : IDisposable
{
    /// <summary>A client that has said nothing for this long is given up: it, or the network, stands still. (A client drops what reaches it after a shorter silence.)</summary>
    public static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<long, TaskCompletionSource<HostAnswer>> _waiting = new();
    private long _last;
    private long _heard = Environment.TickCount64;
    private volatile bool _closed;

    /// <summary>Whether calls can be answered.</summary>
    public bool Answers => !_closed && Environment.TickCount64 - Interlocked.Read(ref _heard) < SilenceLimit.TotalMilliseconds;

    /// <summary>The client said something.</summary>
    public void Heard(HostAnswer? answer)
    {
        Interlocked.Exchange(ref _heard, Environment.TickCount64);
        if (answer is not null && _waiting.TryGetValue(answer.Id, out var waiting))
            waiting.TrySetResult(answer);
    }

    public async Task SendAsync(GuardReply reply, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await lines.WriteAsync(reply, GuardJson.Default.GuardReply, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Lets the client do something on a host. One that is cancelled is ended there first, so that nothing of it comes late.</summary>
    /// <exception cref="UpgradeException">It failed, or the client is gone: then it may have been done or not.</exception>
    public async Task<HostAnswer> CallAsync(HostCall call, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = new TaskCompletionSource<HostAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = answer;
        try
        {
            await SendAsync(new GuardReply { HostCall = call with { Id = id } }, CancellationToken.None);
            return (await WaitAsync(call, id, answer.Task, cancellationToken)).OrThrow();
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            throw Lost(call);
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    public void Close()
    {
        _closed = true;
    }

    public void Dispose() => _writing.Dispose();

    private async Task<HostAnswer> WaitAsync(HostCall call, long id, Task<HostAnswer> answer, CancellationToken cancellationToken)
    {
        for (var cancelled = false; ; await Task.WhenAny(answer, Task.Delay(Look, cancelled ? CancellationToken.None : cancellationToken)))
        {
            if (answer.IsCompleted)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return await answer;
            }

            if (!Answers)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw Lost(call);
            }

            if (!cancelled && cancellationToken.IsCancellationRequested)
            {
                cancelled = true;
                await SendAsync(new GuardReply { HostCall = new HostCall { Id = id, Act = HostAct.Cancel } }, CancellationToken.None);
            }
        }
    }

    private static UpgradeException Lost(HostCall call) => new(
        "HostConnectionLost",
        $"The connection over which host '{call.Host}' is reached broke during '{call.Act}': whether it was done is unknown.",
        "Resume the upgrade when the machine that it is run on reaches the writer's host again.",
        FailureCategory.Unreachable) { Target = call.Host };
}
