using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Protocols.Tests;

/// <summary>A redis-server of a test's own, on a free loopback port and in a temporary folder, ended with the test.</summary>
public sealed class RedisProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private RedisProcess(Process process, string folder, int port)
    {
        _process = process;
        _folder = folder;
        Options = new RespConnectionOptions { Host = "127.0.0.1", Port = port };
    }

    public static string? Binary { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "redis-server"))
        .FirstOrDefault(File.Exists);

    public RespConnectionOptions Options { get; }

    public static async Task<RedisProcess> StartAsync(params string[] arguments)
    {
        string folder = Directory.CreateTempSubdirectory("protocols-redis-").FullName;
        int port = FreePort();
        ProcessStartInfo start = new(Binary!, ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--dir", folder, .. arguments])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        RedisProcess redis = new(process, folder, port);
        await redis.WaitUntilReadyAsync();
        return redis;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task WaitUntilReadyAsync()
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(20));
        while (true)
        {
            try
            {
                await using RespConnection connection = await RespConnection.ConnectAsync(Options, deadline.Token);
                await connection.SendAsync(["PING"], deadline.Token);
                return;
            }
            catch (RespConnectionException) when (!_process.HasExited)
            {
                await Task.Delay(10, deadline.Token);
            }
        }
    }

    private static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
