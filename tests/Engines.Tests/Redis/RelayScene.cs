using StatefulDeploy.Engines.Redis;
using StatefulDeploy.Engines.Redis.Relay;
using StatefulDeploy.Harness;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Tests.Redis;

/// <summary>A switch that was done, and the relay from green to blue in this process.</summary>
public sealed class RelayScene : IAsyncDisposable
{
    private RedisPosition _from = null!;
    private string _blueReplicationId = string.Empty;
    private CancellationTokenSource _stop = new();

    private RelayScene(RedisScene scene)
    {
        Scene = scene;
        Running = Task.CompletedTask;
    }

    public RedisScene Scene { get; }

    /// <summary>The relay's work; faults when the way back ends.</summary>
    public Task Running { get; private set; }

    /// <summary>Switches, and starts the relay.</summary>
    public static async Task<RelayScene> StartAsync(TestBed bed, string from, string to, params string[] settings)
    {
        RelayScene relayed = await PrepareAsync(bed, from, to, settings);
        await relayed.SwitchAsync();
        relayed.Start();
        return relayed;
    }

    /// <summary>Comes as far as green follows blue.</summary>
    public static async Task<RelayScene> PrepareAsync(TestBed bed, string from, string to, params string[] settings)
    {
        RedisScene scene = await RedisScene.StartAsync(bed, from, to, 0, settings);
        await scene.FollowAsync();
        return new RelayScene(scene);
    }

    public async Task SwitchAsync()
    {
        _blueReplicationId = (await Scene.Blue[0].InfoAsync("master_replid"))!;
        ClusterPosition position = await Scene.SwitchAsync(Scene.Forward);
        _from = RedisPosition.Parse(position.ByShard["s1"]);
    }

    public void Start()
    {
        _stop = new CancellationTokenSource();
        RedisAccess access = new(Scene.Service, Scene.Secrets);
        RelayStart start = new(_from, _blueReplicationId, IsFirst: true);
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

    /// <summary>A client as our own user: a closed server that was restarted lets nobody else in.</summary>
    public Task<TestClient> ControlAsync(Node node) => RedisScene.ClientAsync(node, RedisAccess.ControlUser, Scene.Secrets.GetOrCreate("redis-control"));

    private Task<RespConnection> ConnectAsync(Node node) =>
        RespConnection.ConnectAsync(new RespConnectionOptions { Host = node.Endpoint.Host, Port = node.Endpoint.Port, UserName = RedisAccess.ControlUser, Password = Scene.Secrets.GetOrCreate("redis-control") }, default);
}
