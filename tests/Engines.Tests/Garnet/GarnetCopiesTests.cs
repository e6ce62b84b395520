using System.Net.Sockets;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.Tests.Redis;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.Garnet;

/// <summary>Copies for suites that write, of real servers.</summary>
public sealed class GarnetCopiesTests(ITestOutputHelper output)
{
    [ServerFact("garnet-2.2.2", "garnet-2.2.8")]
    public async Task A_copy_of_closed_green_and_of_blue_has_the_data_and_users_takes_writes_and_leaves_nothing()
    {
        await using TestBed bed = new(output);
        GarnetScene scene = await GarnetScene.StartAsync(bed);
        await using TestClient blue = await GarnetScene.ClientAsync(scene.BlueNode);
        Assert.Equal("OK", await blue.SayAsync("ACL SETUSER app on >apw +@all"));
        Assert.Equal("OK", await blue.SayAsync("SET k 1"));
        Assert.Equal("3", await blue.SayAsync("RPUSH l a b c"));
        await scene.FollowAsync();
        for (int i = 0; i < 1000; i++)
        {
            await blue.SayAsync($"SET key:{i} {i}");
        }

        await scene.CatchUpAsync(scene.Forward);
        IDisposableCopy copies = scene.Engine.Copies!;
        foreach (ClusterLayout of in new[] { scene.Green, scene.Service.Blue })
        {
            ClusterLayout copy = await copies.MakeAsync(scene.Forward, of, "smoke", default);

            Node node = Assert.Single(copy.Nodes);
            Assert.NotEqual(of.Writer.Endpoint, node.Endpoint);
            Assert.Equal(of.Version, node.Version);
            await using (TestClient client = await GarnetScene.ClientAsync(node, "app", "apw"))
            {
                Assert.Equal("1002", await client.SayAsync("DBSIZE"));
                Assert.Equal("999", await client.SayAsync("GET key:999"));
                Assert.Equal("2", await client.SayAsync("INCR k"));
                Assert.Equal("a", await client.SayAsync("LPOP l"));
            }

            Assert.Equal("1", await blue.SayAsync("GET k"));
            Assert.Equal("3", await blue.SayAsync("LLEN l"));
            Assert.Equal(GateState.Closed, await scene.Engine.Gate.ProbeAsync(scene.GreenNode, scene.Gate, default));
            await scene.CatchUpAsync(scene.Forward);

            await copies.RemoveAsync(scene.Forward, of, "smoke", default);
            await copies.RemoveAsync(scene.Forward, of, "smoke", default);
            using TcpClient nobody = new();
            await Assert.ThrowsAsync<SocketException>(() => nobody.ConnectAsync(node.Endpoint.Host, node.Endpoint.Port));
            Assert.False(Directory.Exists(node.DataDirectory));
        }
    }
}
