using System.Collections.Concurrent;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard.Remote;

/// <summary>
/// The client's side of <see cref="ClientHost"/>: does for a guard on another machine what that one cannot do itself, since it is the client who reaches
/// all hosts. What the guard gives up is ended here as well, and the answer waits for that.
/// </summary>
internal sealed class HostService(IHostDirectory hosts, IOwnProgram ownProgram, Func<IRouter> createRouter)
{
    private readonly ConcurrentDictionary<long, CancellationTokenSource> _running = new();

    /// <summary>Does a call.</summary>
    /// <returns>The answer; null for a call that has none.</returns>
    public async Task<HostAnswer?> AnswerAsync(HostCall call)
    {
        if (call.Act == HostAct.Cancel)
        {
            if (_running.TryGetValue(call.Id, out var running))
                await running.CancelAsync();

            return null;
        }

        using var ending = new CancellationTokenSource();
        _running[call.Id] = ending;
        try
        {
            return new HostAnswer { Id = call.Id, Result = await DoAsync(call, ending.Token) };
        }
        catch (UpgradeException error)
        {
            return HostAnswer.Failed(error) with { Id = call.Id };
        }
        catch (OperationCanceledException)
        {
            return HostAnswer.Failed(new UpgradeException("HostCallEnded", $"{call.Act} on host '{call.Host}' was ended.", string.Empty, FailureCategory.Timeout)) with { Id = call.Id };
        }
        finally
        {
            _running.TryRemove(call.Id, out _);
        }
    }

    /// <summary>Nobody waits for any of them any more.</summary>
    public void EndAll()
    {
        foreach (var running in _running.Values)
        {
            try
            {
                running.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It has just ended.
            }
        }
    }

    private async Task<string?> DoAsync(HostCall call, CancellationToken cancellationToken)
    {
        if (call.Act >= HostAct.RouterStatus)
            return await DoWithRouterAsync(call, cancellationToken);

        var host = hosts[call.Host];
        switch (call.Act)
        {
            case HostAct.Run:
                return ModelJson.Write(await host.RunAsync(CommandOf(call), cancellationToken));
            case HostAct.StartDetached:
                return ModelJson.Write(await host.StartDetachedAsync(CommandOf(call), call.Path, cancellationToken));
            case HostAct.IsRunning:
                return ModelJson.Write(await host.IsRunningAsync(call.Process!, cancellationToken));
            case HostAct.Stop:
                await host.StopAsync(call.Process!, call.Grace, cancellationToken);
                return null;
            case HostAct.CopyFile:
                return ModelJson.Write(await host.CopyFileAsync(call.Path, call.To, cancellationToken));
            case HostAct.Measure:
                return ModelJson.Write(await host.MeasureAsync(call.Path, cancellationToken));
            case HostAct.IsPortFree:
                return ModelJson.Write(await host.IsPortFreeAsync(call.Path, call.Port, cancellationToken));
            case HostAct.FindFreePort:
                return ModelJson.Write(await host.FindFreePortAsync(call.Path, cancellationToken));
            default:
                return await DoWithFilesAsync(host, call, cancellationToken);
        }
    }

    private static async Task<string?> DoWithFilesAsync(IHost host, HostCall call, CancellationToken cancellationToken)
    {
        switch (call.Act)
        {
            case HostAct.ReadFile:
                return await host.ReadFileAsync(call.Path, cancellationToken) is { } text ? ModelJson.Write(text) : null;
            case HostAct.WriteFile:
                await host.WriteFileAsync(call.Path, call.Content, call.Mode, cancellationToken);
                return null;
            case HostAct.CreateFolder:
                await host.CreateFolderAsync(call.Path, call.Mode, cancellationToken);
                return null;
            case HostAct.RenameFile:
                await host.RenameFileAsync(call.Path, call.To, cancellationToken);
                return null;
            case HostAct.RemoveFolder:
                await host.RemoveFolderAsync(call.Path, cancellationToken);
                return null;
            default:
                throw new InvalidOperationException($"'{call.Act}' is nothing that a host does.");
        }
    }

    private async Task<string?> DoWithRouterAsync(HostCall call, CancellationToken cancellationToken)
    {
        await using var router = createRouter();
        if (call.Act == HostAct.RouterStatus)
            return ModelJson.Write(await router.GetStatusAsync(cancellationToken));

        await (call.Act switch
        {
            HostAct.RouterHold => router.HoldAsync(call.Limits!, call.Epoch, cancellationToken),
            HostAct.RouterReads => router.RouteReadsAsync(call.Targets!, call.Epoch, cancellationToken),
            HostAct.RouterSwitch => router.SwitchAsync(call.Targets!, call.Epoch, cancellationToken),
            HostAct.RouterRelease => router.ReleaseAsync(call.Targets!, call.Epoch, cancellationToken),
            _ => throw new InvalidOperationException($"'{call.Act}' is nothing that a router does."),
        });
        return null;
    }

    private HostCommand CommandOf(HostCall call)
    {
        var command = call.Command!;
        if (command.Program != ClientProgram.Mark)
            return command;

        var own = ownProgram.Command(command.Arguments);
        return command with { Program = own.Program, Arguments = own.Arguments };
    }
}
