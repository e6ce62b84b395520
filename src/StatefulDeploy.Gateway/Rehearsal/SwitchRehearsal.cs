using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using StatefulDeploy.Gateway.Admin;
using StatefulDeploy.Gateway.Routing;
using StatefulDeploy.Model;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Gateway.Rehearsal;

/// <summary>
/// One switch between two stand-ins, inside the process, right after the start. .NET compiles code when it first runs: without this the
/// first hold would keep clients waiting for that, tens of milliseconds.
/// </summary>
internal sealed class SwitchRehearsal
{
    private const int Rounds = 3;

    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    private readonly GatewayOptions _options;
    private readonly string _folder;

    public SwitchRehearsal(GatewayOptions options)
    {
        _folder = Path.Combine(options.StateDirectory, "rehearsal");
        _options = options with
        {
            Listen = [new NodeEndpoint("127.0.0.1", 0)],
            ListenTls = null,
            TargetTls = null,
            Control = null,
            StateDirectory = _folder,
        };
    }

    /// <summary>Plays it. A failure costs the first hold some time, and nothing else.</summary>
    /// <returns>What went wrong; null if nothing did.</returns>
    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Within);
        try
        {
            DurableFile.CreateFolder(_folder);
            await PlayAsync(deadline.Token);
            return null;
        }
        catch (Exception exception)
        {
            return exception.Message;
        }
        finally
        {
            if (Directory.Exists(_folder))
                Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task PlayAsync(CancellationToken cancellationToken)
    {
        using var first = new StandInServer();
        using var second = new StandInServer();
        await using var control = new ControlChannel(_options);
        await using var server = new GatewayServer(_options, new Route { Target = first.Endpoint });
        using var store = new RouteStore(_folder);
        await using var routes = new RouteControl(server, store, control, _options.Clock);
        var commands = new AdminCommands(_options, server, routes, _ => { });
        server.Listen();
        using var client = await ConnectAsync(server.Endpoints[0], cancellationToken);
        using var waiting = await ConnectAsync(server.Endpoints[0], cancellationToken);
        for (var round = 1; round <= Rounds; round++)
            await SwitchAsync(commands, client, waiting, round, round % 2 == 1 ? (first, second) : (second, first), cancellationToken);
    }

    private static async Task SwitchAsync(AdminCommands commands, Socket client, Socket waiting, int epoch, (StandInServer From, StandInServer To) way, CancellationToken cancellationToken)
    {
        await AskAsync(client, "SELECT 1\r\nSET a 1\r\nGET a\r\n", 3, cancellationToken);
        await waiting.SendAsync("BLPOP l 0\r\n"u8.ToArray(), cancellationToken);
        while (epoch == 1 && !way.From.IsWaited)
            await Task.Delay(1, cancellationToken);

        await RunAsync(commands, "prepare", epoch, way.To, cancellationToken);
        await RunAsync(commands, "hold", epoch, null, cancellationToken);
        var held = AskAsync(client, "GET a\r\nSET a 2\r\nMULTI\r\nINCR a\r\nEXEC\r\n", 5, cancellationToken);
        await RunAsync(commands, "status", epoch, null, cancellationToken);
        await RunAsync(commands, "reads", epoch, way.To, cancellationToken);
        await RunAsync(commands, "switch", epoch, way.To, cancellationToken);
        await held;
    }

    private static Task<JsonObject> RunAsync(AdminCommands commands, string command, int epoch, StandInServer? target, CancellationToken cancellationToken)
    {
        var request = new JsonObject { ["command"] = command, ["epoch"] = epoch };
        if (target is not null)
            request["target"] = target.Endpoint.ToString();

        return commands.RunAsync(request.ToJsonString(), cancellationToken);
    }

    private static async Task<Socket> ConnectAsync(NodeEndpoint endpoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Parse(endpoint.Host), endpoint.Port, cancellationToken);
        return socket;
    }

    private static async Task AskAsync(Socket client, string requests, int answers, CancellationToken cancellationToken)
    {
        await client.SendAsync(Encoding.ASCII.GetBytes(requests), cancellationToken);
        var buffer = new byte[256];
        while (answers > 0)
        {
            var read = await client.ReceiveAsync(buffer, cancellationToken);
            if (read == 0)
                throw new EndOfStreamException("The rehearsal's client was closed.");

            answers -= buffer.AsSpan(0, read).Count((byte)'\n');
        }
    }
}
