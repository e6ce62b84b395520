using StatefulDeploy.Engines.Redis;
using StatefulDeploy.Engines.Redis.Relay;
using StatefulDeploy.Harness;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Tests.Redis;

/// <summary>A switch that was done, and the relay from green to blue in this process.</summary>
public sealed class RelayScene : IAsyncDisposable
{
    private readonly RedisPosition _from;
    private readonly string _blueReplicationId;
    private CancellationTokenSource _stop = new();

    private RelayScene(RedisScene scene, RedisPosition from, string blueReplicationId)
    {
        Scene = scene;
        _from = from;
        _blueReplicationId = blueReplicationId;
        Running = Task.CompletedTask;
    }

    public RedisScene Scene { get; }

    /// <summary>The relay's work; faults when the way back ends.</summary>
    public Task Running { get; private set; }

    public static async Task<RelayScene> StartAsync(TestBed bed, string from, string to, params string[] settings)
    {
        RedisScene scene = await RedisScene.StartAsync(bed, from, to, 0, settings);
        await scene.FollowAsync();
        string history = (await scene.Blue[0].InfoAsync("master_replid"))!;
        ClusterPosition position = await scene.SwitchAsync(scene.Forward);
        RelayScene relayed = new(scene, RedisPosition.Parse(position.ByShard["s1"]), history);
        relayed.Start();
        return relayed;
    }

    public void Start()
    {
        _stop = new CancellationTokenSource();
        RedisAccess access = new(Scene.Service, Scene.Secrets);
        RelayStart start = new(_from, _blueReplicationId, "127.0.0.1", IsFirst: true);
        Running = new RedisRelay(Scene.GreenNode, Scene.BlueNode, access, start, TimeProvider.System).RunAsync(_stop.Token);
    }

    /// <summary>Ends the relay wherever it is.</summary>
    public async Task KillAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await Running;
        }
        catch (OperationCanceledException)
        {
            // That is how it ends.
        }
    }

    /// <summary>Waits until blue has all that green has.</summary>
    public Task CaughtUpAsync() => TestBed.WaitUntilAsync(
        async () =>
        {
            if (Running.IsFaulted)
            {
                await Running;
            }

            try
            {
                await using RespConnection green = await ConnectAsync(Scene.GreenNode);
                await using RespConnection blue = await ConnectAsync(Scene.BlueNode);
                long written = (await green.InfoAsync("replication", default)).Number("master_repl_offset");
                return RelayPoint.Parse(await blue.ExecuteAsync(["HGETALL", RelayPoint.Key], default))?.Offset >= written;
            }
            catch (Exception exception) when (exception is IOException or RespServerException)
            {
                return false;
            }
        },
        "the relay has caught up", TimeSpan.FromSeconds(30));

    public async ValueTask DisposeAsync()
    {
        if (!Running.IsFaulted)
        {
            await KillAsync();
        }

        _stop.Dispose();
    }

    private static Task<RespConnection> ConnectAsync(Node node) =>
        RespConnection.ConnectAsync(new RespConnectionOptions { Host = node.Endpoint.Host, Port = node.Endpoint.Port }, default);
}
