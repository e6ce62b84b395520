using System.Text.Json.Nodes;
using StatefulDeploy.Harness;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Gateway.Tests;

/// <summary>A gateway in the test's own process, where it need not be killed but needs options of its own.</summary>
internal sealed class InProcessGateway : IAsyncDisposable
{
    private readonly CancellationTokenSource _ended;
    private readonly Task<int> _running;

    private InProcessGateway(int port, Task<int> running, CancellationTokenSource ended)
    {
        Port = port;
        _running = running;
        _ended = ended;
    }

    public int Port { get; }

    public static async Task<InProcessGateway> StartAsync(TestBed bed, int targetPort, Func<GatewayOptions, GatewayOptions>? change = null)
    {
        var output = new ReadyLine();
        var options = new GatewayOptions
        {
            ServiceName = "test",
            Listen = [new NodeEndpoint("127.0.0.1", 0)],
            Target = new NodeEndpoint("127.0.0.1", targetPort),
            StateDirectory = Path.Combine(bed.NewFolder("gateway"), "state"),
            Output = output,
        };
        var ended = new CancellationTokenSource();
        var running = GatewayProgram.RunAsync(change?.Invoke(options) ?? options, ended.Token);
        var first = await Task.WhenAny(running, output.Line.Task);
        if (first == running)
            await running;

        var ready = JsonNode.Parse(await output.Line.Task)!;
        var port = NodeEndpoint.Parse(ready["listen"]![0]!.GetValue<string>()).Port;
        return bed.Own(new InProcessGateway(port, running, ended));
    }

    public Task<RespConnection> ConnectAsync(RespTlsOptions? tls = null, int protocol = 2) => RespConnection.ConnectAsync(
        new RespConnectionOptions { Host = "127.0.0.1", Port = Port, Tls = tls, Protocol = protocol, CommandTimeout = TimeSpan.FromSeconds(30) }, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _running;
        _ended.Dispose();
    }

    private sealed class ReadyLine : StringWriter
    {
        public TaskCompletionSource<string> Line { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void WriteLine(string? value) => Line.TrySetResult(value ?? "");
    }
}
