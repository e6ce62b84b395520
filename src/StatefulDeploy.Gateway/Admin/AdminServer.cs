using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Gateway.Admin;

/// <summary>The admin socket: one JSON object a line in, one out, in order. Only the owner of the process can open it.</summary>
internal sealed class AdminServer : IAsyncDisposable
{
    private const int MaxLine = 64 * 1024;

    private readonly AdminCommands _commands;
    private readonly string _path;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _ending = new();
    private Task _accepting = Task.CompletedTask;

    public AdminServer(string path, AdminCommands commands)
    {
        _commands = commands;
        _path = path;
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    }

    /// <summary>Starts to listen.</summary>
    /// <exception cref="UpgradeException">The socket cannot be made.</exception>
    public void Listen()
    {
        try
        {
            // What is left of a gateway that was killed: the lock on the state folder says that no other one lives.
            File.Delete(_path);
            _listener.Bind(new UnixDomainSocketEndPoint(_path));
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            _listener.Listen(16);
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new UpgradeException(
                "GatewayAdminSocket",
                $"The admin socket '{_path}' cannot be made: {exception.Message}",
                "Give a path of at most about 100 characters in a folder of your own.",
                FailureCategory.InvalidInput,
                exception) { Target = _path };
        }

        _accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        await _accepting;
        File.Delete(_path);
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptAsync(_ending.Token));
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                if (_ending.IsCancellationRequested)
                    return;

                // Out of file descriptors: there may be some again soon.
                await Task.Delay(50);
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            var lines = new LineReader(stream, MaxLine);
            while (await lines.ReadAsync(_ending.Token) is { } line)
            {
                // Away from the thread that polls the clients' sockets: a command writes to the disk.
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                var answer = await AnswerAsync(line);
                await stream.WriteAsync(answer, _ending.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The admin went away, or the gateway ends. What was decided is stored; asking again is always allowed.
        }
    }

    private async Task<byte[]> AnswerAsync(string line)
    {
        JsonObject answer;
        try
        {
            answer = await _commands.RunAsync(line, _ending.Token);
            answer["ok"] = true;
        }
        catch (AdminException exception)
        {
            answer = Failure(exception.Error, exception.Message);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            answer = Failure("InvalidCommand", exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or TimeoutException)
        {
            answer = Failure("Failed", exception.Message);
        }

        answer["epoch"] = _commands.Epoch;
        return [.. JsonSerializer.SerializeToUtf8Bytes(answer), (byte)'\n'];
    }

    private static JsonObject Failure(string error, string message) => new() { ["ok"] = false, ["error"] = error, ["message"] = message };
}
