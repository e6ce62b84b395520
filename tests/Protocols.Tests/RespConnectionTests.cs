using System.Text;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Protocols.Tests;

public sealed class RespConnectionTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [RedisFact]
    public async Task Calls_are_answered_in_order_over_either_protocol()
    {
        await using RedisProcess redis = await RedisProcess.StartAsync();
        foreach (int protocol in new[] { 2, 3 })
        {
            await using RespConnection connection = await RespConnection.ConnectAsync(redis.Options with { Protocol = protocol, Database = 3, ClientName = "us" }, None);
            Task<RespValue>[] calls = [.. Enumerable.Range(0, 500).Select(i => connection.ExecuteAsync(["ECHO", i], None))];
            for (int i = 0; i < calls.Length; i++)
            {
                Assert.Equal(i, (await calls[i]).AsInt64());
            }

            await connection.ExecuteAsync(["HSET", "h", "f", "v"], None);
            Assert.Equal("v", (await connection.ExecuteAsync(["HGETALL", "h"], None)).AsMap()["f"].AsString());
            string info = (await connection.ExecuteAsync(["CLIENT", "INFO"], None)).AsString();
            Assert.Contains(" db=3 ", info);
            Assert.Contains(" name=us ", info);
        }
    }

    [RedisFact]
    public async Task A_pipeline_gives_errors_as_values()
    {
        await using RedisProcess redis = await RedisProcess.StartAsync();
        await using RespConnection connection = await RespConnection.ConnectAsync(redis.Options, None);
        IReadOnlyList<RespValue> replies = await connection.PipelineAsync([["SET", "a", "x"], ["INCR", "a"], ["GET", "a"]], None);
        Assert.Equal("ERR", replies[1].ErrorCode);
        Assert.Equal("x", replies[2].AsString());
        RespServerException error = await Assert.ThrowsAsync<RespServerException>(() => connection.ExecuteAsync(["LPUSH", "a", "x"], None));
        Assert.Equal("WRONGTYPE", error.Code);
    }

    [RedisFact]
    public async Task A_call_given_up_leaves_the_connection_in_step()
    {
        await using RedisProcess redis = await RedisProcess.StartAsync();
        await using RespConnection connection = await RespConnection.ConnectAsync(redis.Options, None);
        await using RespConnection other = await RespConnection.ConnectAsync(redis.Options, None);
        await Assert.ThrowsAsync<TimeoutException>(() => connection.SendAsync(["BLPOP", "list", 0], TimeSpan.FromMilliseconds(50), None));
        Task<RespValue> next = connection.ExecuteAsync(["ECHO", "after"], None);
        await other.ExecuteAsync(["LPUSH", "list", "x"], None);
        Assert.Equal("after", (await next).AsString());
    }

    [RedisFact]
    public async Task Wrong_credentials_are_told_by_code_without_the_password()
    {
        await using RedisProcess redis = await RedisProcess.StartAsync("--requirepass", "correct-horse");
        RespServerException error = await Assert.ThrowsAsync<RespServerException>(
            () => RespConnection.ConnectAsync(redis.Options with { Password = "hunter2" }, None));
        Assert.Equal("WRONGPASS", error.Code);
        Assert.DoesNotContain("hunter2", error.ToString());
        await using RespConnection connection = await RespConnection.ConnectAsync(redis.Options with { Password = "correct-horse" }, None);
        await connection.ExecuteAsync(["PING"], None);
    }

    [RedisFact]
    public async Task A_broken_connection_fails_its_calls_and_those_after()
    {
        await using RedisProcess redis = await RedisProcess.StartAsync();
        await using RespConnection connection = await RespConnection.ConnectAsync(redis.Options, None);
        await using RespConnection other = await RespConnection.ConnectAsync(redis.Options, None);
        long id = (await connection.ExecuteAsync(["CLIENT", "ID"], None)).AsInt64();
        Task<RespValue> waiting = connection.SendAsync(["BLPOP", "list", 0], None);
        await other.ExecuteAsync(["CLIENT", "KILL", "ID", id], None);
        await Assert.ThrowsAsync<RespConnectionException>(() => waiting);
        await Assert.ThrowsAsync<RespConnectionException>(() => connection.SendAsync(["PING"], None));
        Assert.False(connection.IsOpen);
    }

    [Fact]
    public async Task A_port_nobody_listens_on_is_told_with_the_endpoint()
    {
        RespConnectionException error = await Assert.ThrowsAsync<RespConnectionException>(
            () => RespConnection.ConnectAsync(new RespConnectionOptions { Host = "127.0.0.1", Port = 1 }, None));
        Assert.Contains("127.0.0.1:1", error.Message);
    }

    [RedisFact]
    public async Task A_big_value_comes_back_whole()
    {
        await using RedisProcess redis = await RedisProcess.StartAsync();
        await using RespConnection connection = await RespConnection.ConnectAsync(redis.Options, None);
        byte[] big = new byte[20_000_000];
        new Random(1).NextBytes(big);
        await connection.ExecuteAsync(["SET", "big", big], None);
        Assert.Equal(big, (await connection.ExecuteAsync(["GET", "big"], None)).Bytes.ToArray());
        Assert.Equal("PONG", (await connection.ExecuteAsync(["PING"], None)).AsString());
    }

    [RedisFact]
    public async Task A_replication_stream_counts_exactly_the_bytes_the_primary_counts()
    {
        await using RedisProcess redis = await RedisProcess.StartAsync("--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1");
        await using RespConnection control = await RespConnection.ConnectAsync(redis.Options, None);
        await using RedisProcess replica = await RedisProcess.StartAsync("--replicaof", $"127.0.0.1 {redis.Options.Port}");
        await using RespConnection replicaControl = await RespConnection.ConnectAsync(replica.Options, None);
        (string id, long start) = await WaitForReplicationAsync(control, replicaControl);

        RespConnection link = await RespConnection.ConnectAsync(redis.Options, None);
        await link.ExecuteAsync(["REPLCONF", "capa", "psync2"], None);
        (RespValue reply, RespCommandStream stream) = await link.DetachAsync(["PSYNC", id, start + 1], None);
        await using RespCommandStream owned = stream;
        Assert.StartsWith("CONTINUE", reply.AsString());
        for (int i = 0; i < 100; i++)
        {
            await control.ExecuteAsync(["SET", $"key{i}", new byte[i * 37]], None);
        }

        await control.ExecuteAsync(["SET", "last", "x"], None);
        long offset = start;
        int sets = 0;
        RespStreamedCommand command;
        do
        {
            command = await stream.ReadAsync(None);
            offset += command.ByteCount;
            sets += command.Command.Name == "SET" ? 1 : 0;
        }
        while (command.Command.Name != "SET" || Encoding.ASCII.GetString(command.Command[1].Bytes.Span) != "last");
        Assert.Equal(101, sets);

        await stream.AcknowledgeAsync(offset, None);
        await WaitForAsync(async () => (await control.ExecuteAsync(["INFO", "replication"], None)).AsString().Contains($"offset={offset},"));
    }

    private static async Task<(string Id, long Offset)> WaitForReplicationAsync(RespConnection primary, RespConnection replica)
    {
        await WaitForAsync(async () => (await replica.ExecuteAsync(["INFO", "replication"], None)).AsString().Contains("master_link_status:up"));
        string[] info = (await primary.ExecuteAsync(["INFO", "replication"], None)).AsString().Split("\r\n");
        string Field(string name) => info.Single(line => line.StartsWith(name + ":", StringComparison.Ordinal)).Split(':')[1];
        return (Field("master_replid"), long.Parse(Field("master_repl_offset")));
    }

    private static async Task WaitForAsync(Func<Task<bool>> condition)
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(20));
        while (!await condition())
        {
            await Task.Delay(20, deadline.Token);
        }
    }
}
