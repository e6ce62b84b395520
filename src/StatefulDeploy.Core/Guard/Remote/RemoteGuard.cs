using System.Text.Json;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Guard.Remote;

/// <summary>
/// The way to a guard on the machine of blue's writer: a bridge of ours there (<see cref="GuardBridge"/>), whose input and output are one channel of the
/// connection of ssh. It finds, starts and replaces the guard over there, and it ends with the channel; the guard does not.
/// </summary>
internal sealed class RemoteGuard : IGuardWay
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(40);

    private readonly GuardClientOptions _options;
    private readonly IRemoteHost _host;
    private readonly RemoteService _there;
    private readonly RemoteProgram _program;
    private (string Document, string Secrets, string Authority)? _sent;

    public RemoteGuard(GuardClientOptions options, IRemoteHost host)
    {
        _options = options;
        _host = host;
        _there = new RemoteService(options.Service);
        _program = new RemoteProgram(options.Service.Hosts[host.Name], host, options.OwnProgram, _there.Programs);
    }

    public ServiceDescription Service => _there.Description;

    /// <summary>What stands against a guard on that host.</summary>
    public async Task<IReadOnlyList<Finding>> InspectAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _program.ProveAsync(cancellationToken);
            return await FindWritableAsync(cancellationToken) is { } refused ? [refused] : [];
        }
        catch (UpgradeException error)
        {
            return [Finding.Refuse(error.ErrorId, $"host {_host.Name}", error.Message, error.RecommendedAction)];
        }
    }

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var service = _options.Service;
        var wanted = (
            ModelJson.Write(Service),
            new SecretStore(service).Pack(service.Admin, service.Client),
            service.TlsCaFile is { } authority ? await File.ReadAllTextAsync(authority, cancellationToken) : string.Empty);
        if (_sent == wanted)
            return;

        await _host.CreateFolderAsync(_there.Folder, DurableFile.OwnerOnlyFolder, cancellationToken);
        await _host.WriteFileAsync(_there.Document, wanted.Item1, DurableFile.OwnerOnly, cancellationToken);
        await _host.WriteFileAsync(_there.Secrets, wanted.Item2, DurableFile.OwnerOnly, cancellationToken);
        if (service.TlsCaFile is not null)
            await _host.WriteFileAsync(_there.Authority, wanted.Item3, DurableFile.OwnerOnly, cancellationToken);

        _sent = wanted;
    }

    public async Task<GuardConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartLimit);
        var bridge = new GuardOptions(_there.Document, _there.Folder, _host.Name, GuardMode.Bridge);
        var channel = await _host.OpenAsync(await _program.CommandAsync(["guard", .. bridge.Arguments], limit.Token), limit.Token);
        GuardConnection? connection = null;
        try
        {
            var lines = new JsonLines(channel.Output, channel.Input);
            await ReadReadyAsync(lines, channel, limit.Token);
            connection = new GuardConnection(lines, channel, new HostService(_options.Hosts!, _options.OwnProgram, _options.CreateRouter!));
            await connection.AskAsync(new GuardRequest { Operation = GuardOperation.Hello, ReachesHosts = true }, limit.Token);
            return connection;
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            await CloseAsync(connection, channel);
            throw NotStarted(error.Message, error);
        }
        catch
        {
            await CloseAsync(connection, channel);
            throw;
        }
    }

    /// <summary>The bridge looks after the guard and ends when that does not answer; here it is the connection that counts.</summary>
    public Task<bool> AnswersAsync(GuardConnection connection, CancellationToken cancellationToken) => Task.FromResult(connection is { IsBroken: false, IsSilent: false });

    public async Task ForgetAsync(CancellationToken cancellationToken)
    {
        _sent = null;
        await _host.RunAsync(new HostCommand("rm", "-f", _there.Secrets, _there.Secrets + ".lock"), cancellationToken);
    }

    private static ValueTask CloseAsync(GuardConnection? connection, IHostChannel channel) => connection?.DisposeAsync() ?? channel.DisposeAsync();

    private async Task ReadReadyAsync(JsonLines lines, IHostChannel channel, CancellationToken cancellationToken)
    {
        try
        {
            if (await lines.ReadAsync(GuardJson.Default.GuardReply, cancellationToken) is { } ready)
            {
                ready.OrThrow();
                return;
            }
        }
        catch (JsonException error)
        {
            throw NotStarted(error.Message, error);
        }

        var (_, said) = await channel.WaitAsync(cancellationToken);
        throw NotStarted(said.Trim().Split('\n').LastOrDefault(line => line.Length > 0) ?? "it said nothing", null);
    }

    private async Task<Finding?> FindWritableAsync(CancellationToken cancellationToken)
    {
        var folder = _there.Folder;
        while (folder != "/" && (await _host.RunAsync(new HostCommand("test", "-d", folder), cancellationToken)).ExitCode != 0)
            folder = Path.GetDirectoryName(folder)!;

        return (await _host.RunAsync(new HostCommand("test", "-w", folder), cancellationToken)).ExitCode == 0 ? null : Finding.Refuse(
            "GuardFolderDenied",
            $"host {_host.Name}",
            $"The guard's folder '{_there.Folder}' cannot be made there: the user of ssh may not write to '{folder}'.",
            $"Make it for that user, or name another one as 'guard' of host '{_host.Name}'.");
    }

    private UpgradeException NotStarted(string why, Exception? error) => new(
        "GuardNotStarted",
        $"The guard of service '{_options.Service.Name}' could not be started on host '{_host.Name}': {why}",
        $"Read '{Path.Combine(_there.Folder, "guard.log")}' there.",
        FailureCategory.Unreachable,
        error) { Target = _host.Name };
}
