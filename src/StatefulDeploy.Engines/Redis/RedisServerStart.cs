using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>Starts a server of ours from its folder, and knows it again.</summary>
internal sealed class RedisServerStart(Node node, string folder, string configuration, EngineContext context)
{
    private static readonly TimeSpan StartTime = TimeSpan.FromMinutes(2);

    private readonly IHost _host = context.Hosts[node.Host];
    private readonly RedisAccess _access = new(context.Service, context.Secrets);

    /// <summary>Starts the server and waits until it has loaded its data and answers.</summary>
    /// <exception cref="UpgradeException">It did not start; the message has what it said last.</exception>
    /// <param name="program">The server program.</param>
    /// <param name="first">Settings for this start alone, as arguments; its file has what holds afterwards.</param>
    /// <param name="cancellationToken">Gives up; the server may run.</param>
    public async Task RunAsync(string program, IReadOnlyList<string> first, CancellationToken cancellationToken)
    {
        HostCommand command = new(program, [configuration, .. first]) { WorkingFolder = folder };
        ProcessIdentity process = await _host.StartDetachedAsync(command, Path.Combine(folder, "server.out"), cancellationToken);
        await new RedisGreenRecord(context.Service.Name, node.Name, process).SaveAsync(folder, _host, cancellationToken);
        long start = context.Clock.GetTimestamp();
        while (!await AnswersAsync(cancellationToken))
        {
            bool runs = await _host.IsRunningAsync(process, cancellationToken);
            if (!runs || (context.Clock.GetElapsedTime(start) > StartTime && !await LoadsAsync(cancellationToken)))
            {
                string said = await _host.ReadFileAsync(Path.Combine(folder, "server.out"), cancellationToken) + await _host.ReadFileAsync(Path.Combine(folder, "server.log"), cancellationToken);
                throw new UpgradeException("GreenDidNotStart", $"{node} did not start: {LastLines(said)}", $"Read the server's output in {folder}.") { Target = node.Name };
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), context.Clock, cancellationToken);
        }
    }

    /// <summary>Whether the server of this folder runs, also when its start was interrupted before it was noted.</summary>
    public async Task<bool> RunsAsync(CancellationToken cancellationToken)
    {
        RedisGreenRecord? record = await RedisGreenRecord.FindAsync(node, context.Service.Name, _host, cancellationToken);
        return record is not null && ((record.Process is { } process && await _host.IsRunningAsync(process, cancellationToken)) || await AnswersAsync(cancellationToken));
    }

    // Our password and our folder: another server on this port has not both.
    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using RespConnection control = await _access.ConnectControlAsync(node, "provision", cancellationToken);
            return await control.SettingAsync("dir", cancellationToken) == node.DataDirectory && !(await control.SendAsync(["DBSIZE"], cancellationToken)).IsError;
        }
        catch (Exception exception) when (exception is RespConnectionException or RespServerException or UpgradeException { Category: FailureCategory.Unreachable or FailureCategory.AccessDenied })
        {
            return false;
        }
    }

    private async Task<bool> LoadsAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using RespConnection control = await _access.ConnectControlAsync(node, "provision", cancellationToken);
            return (await control.InfoAsync("persistence", cancellationToken)).Number("loading") == 1;
        }
        catch (Exception exception) when (exception is RespConnectionException or RespServerException or UpgradeException)
        {
            return false;
        }
    }

    private static string LastLines(string text) => string.Join(" | ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(3));
}
