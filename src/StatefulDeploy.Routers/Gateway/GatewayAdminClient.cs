using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Routers.Gateway;

/// <summary>
/// The connection to a gateway's admin socket: one, kept open, so that nothing has to be made inside the window. Every command is
/// idempotent, so one whose answer was lost is simply asked again.
/// </summary>
public sealed class GatewayAdminClient : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly string _path;
    private readonly TimeProvider _clock;
    private NetworkStream? _stream;
    private StreamReader? _reader;

    /// <summary>Prepares the client; it connects with the first command.</summary>
    /// <param name="path">The path of the admin socket.</param>
    /// <param name="clock">The clock for deadlines.</param>
    public GatewayAdminClient(string path, TimeProvider? clock = null)
    {
        _path = path;
        _clock = clock ?? TimeProvider.System;
    }

    /// <summary>Sends one command.</summary>
    /// <param name="command">Its name, as the gateway knows it.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="within">How long the answer may take.</param>
    /// <param name="cancellationToken">Gives up; whether the command took effect is then unknown.</param>
    /// <returns>The answer, which says that it is done.</returns>
    /// <exception cref="UpgradeException">The gateway cannot be reached, does not answer in time, or refuses; <see cref="FailureCategory.StaleEpoch"/> if somebody else has taken over.</exception>
    public async Task<JsonObject> SendAsync(string command, JsonObject arguments, TimeSpan within, CancellationToken cancellationToken)
    {
        arguments["command"] = command;
        using var deadline = new CancellationTokenSource(within, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return Check(command, await AskAsync(arguments.ToJsonString(), either.Token));
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new UpgradeException(
                "GatewayTimeout",
                $"The gateway did not answer '{command}' on '{_path}' within {within.TotalSeconds:0.###} s.",
                "See whether its process runs or is stopped. The command can be sent again.",
                FailureCategory.Timeout,
                exception) { Target = _path };
        }
        catch (Exception exception) when (exception is SocketException or IOException or JsonException)
        {
            throw new UpgradeException(
                "GatewayUnreachable",
                $"The gateway does not answer on '{_path}': {exception.Message}",
                "Start it with 'statefuldeploy gateway', as the user that runs this, and check the admin path in the service file.",
                FailureCategory.Unreachable,
                exception) { Target = _path };
        }
    }

    /// <summary>Closes the connection.</summary>
    public ValueTask DisposeAsync()
    {
        Disconnect();
        _turn.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<JsonObject> AskAsync(string line, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            // A gateway that was restarted has closed the connection that was kept: only a new one tells whether it is there.
            for (var isFresh = false; ; isFresh = true)
            {
                if (_stream is null)
                {
                    isFresh = true;
                    await ConnectAsync(cancellationToken);
                }

                if (await TryAskAsync(line, isFresh, cancellationToken) is { } answer)
                    return answer;
            }
        }
        catch
        {
            // An answer that comes late must not be taken for that to the next command.
            Disconnect();
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<JsonObject?> TryAskAsync(string line, bool isFresh, CancellationToken cancellationToken)
    {
        try
        {
            await _stream!.WriteAsync(System.Text.Encoding.UTF8.GetBytes(line + "\n"), cancellationToken);
            var answer = await _reader!.ReadLineAsync(cancellationToken) ?? throw new EndOfStreamException("it closed the connection");
            return JsonNode.Parse(answer) as JsonObject ?? throw new JsonException("The answer is no JSON object.");
        }
        catch (IOException) when (!isFresh)
        {
            Disconnect();
            return null;
        }
    }

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_path), cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new StreamReader(_stream);
    }

    private void Disconnect()
    {
        _reader?.Dispose();
        _stream?.Dispose();
        _reader = null;
        _stream = null;
    }

    private JsonObject Check(string command, JsonObject answer)
    {
        if (answer["ok"]?.GetValue<bool>() == true)
            return answer;

        var error = answer["error"]?.GetValue<string>() ?? "Failed";
        var (action, category) = error switch
        {
            "StaleEpoch" => ("Somebody else has taken the service over: look at the status of the upgrade before you go on.", FailureCategory.StaleEpoch),
            "DrainTimeout" => ("See which clients keep a write unanswered (slow scripts, big values, slow readers), or raise the drain limit.", FailureCategory.Timeout),
            "Unreachable" => ("Check that the gateway's machine reaches the server.", FailureCategory.Unreachable),
            "ControlRefused" => ("Check the account that the gateway was started with.", FailureCategory.AccessDenied),
            "NotHolding" or "WrongPhase" or "Superseded" => ("The hold has ended. Begin the window again.", FailureCategory.WrongState),
            _ => ("See the gateway's log, and ask again.", FailureCategory.OperationFailed),
        };
        throw new UpgradeException($"Gateway{error}", $"The gateway refused '{command}': {answer["message"]?.GetValue<string>()}", action, category) { Target = _path };
    }
}
