using StatefulDeploy.Harness.Servers;
using Xunit.Abstractions;

namespace StatefulDeploy.Harness.Tests;

public sealed class ServerProcessTests(ITestOutputHelper output)
{
    [Theory]
    [ServerData("redis-7.0", "7.0")]
    [ServerData("redis-8.0", "8.0")]
    [ServerData("valkey-8.1", "8.1")]
    public async Task A_server_keeps_its_data_port_and_log_over_a_restart_and_loses_what_it_did_not_write_when_killed(string name, string version)
    {
        await using var bed = new TestBed(output);
        var server = await bed.StartRedisAsync(name, "appendonly yes", "appendfsync always");
        Assert.StartsWith(version, await server.InfoAsync(name.StartsWith("valkey", StringComparison.Ordinal) ? "valkey_version" : "redis_version"), StringComparison.Ordinal);
        await server.CallAsync("SET", "a", "1");
        await server.RestartAsync();
        Assert.Equal("1", await server.CallAsync("GET", "a"));
        await server.KillAsync();
        await server.StartAsync();
        Assert.Equal("1", await server.CallAsync("GET", "a"));
        Assert.Equal(3, server.Log.Split("Ready to accept connections").Length - 1);
    }

    [Theory]
    [ServerData("garnet-2.2.2")]
    [ServerData("garnet-2.2.8")]
    public async Task A_garnet_takes_up_its_data_when_it_is_told_to(string name)
    {
        await using var bed = new TestBed(output);
        var server = await bed.StartGarnetAsync(name);
        await server.CallAsync("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        await server.CallAsync("SET", "a", "1");
        await server.CallAsync("SAVE");
        await server.StopAsync();
        server.Recover = true;
        await server.StartAsync();
        Assert.Equal("1", await server.CallAsync("GET", "a"));
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task A_newer_server_follows_an_older_one()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        await blue.CallAsync("SET", "a", "1");
        var green = await bed.StartReplicaAsync(blue, "redis-8.0");
        Assert.Equal("1", await green.CallAsync("GET", "a"));
        await Assert.ThrowsAsync<IOException>(() => green.CallAsync("SET", "a", "2"));
    }

    [ServerFact("redis-7.0")]
    public async Task A_server_that_cannot_start_says_why_at_once()
    {
        await using var bed = new TestBed(output);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => bed.StartRedisAsync("redis-7.0", "no-such-directive 1"));
        Assert.Contains("no-such-directive", error.Message, StringComparison.Ordinal);
    }

    [ServerFact("redis-7.0", "haproxy")]
    public async Task A_ledger_is_kept_through_a_router()
    {
        await using var bed = new TestBed(output);
        var server = await bed.StartRedisAsync();
        var router = await bed.StartHaProxyAsync(port => HaProxyServer.Tcp(port, server.Port));
        var report = await Filled.ByAsync(bed, new Load.Redis.RedisLedgerEndpoint(router.Port), new Load.LedgerOptions { Writers = 4, Readers = 2, WritesPerClient = 100 });
        Assert.True(report.Clean, report.ToString());
        Assert.True(File.Exists(router.Socket));
    }

    [ServerFact("redis-7.0")]
    public async Task Nothing_is_left_of_a_test_that_threw()
    {
        RedisServer? server = null;
        var folder = string.Empty;
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await using var bed = new TestBed(output);
            folder = bed.Folder;
            server = await bed.StartRedisAsync();
            throw new InvalidOperationException("the test");
        });
        Assert.False(server!.Running);
        Assert.False(Directory.Exists(folder));
    }
}
