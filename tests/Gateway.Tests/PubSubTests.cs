using System.Text;
using System.Threading.Channels;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Protocols.Resp;
using Xunit.Abstractions;

namespace StatefulDeploy.Gateway.Tests;

public sealed class PubSubTests(ITestOutputHelper output)
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(20);

    [ServerFact("redis-7.0")]
    public async Task Every_message_comes_once_and_in_order_over_many_switches()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        var green = await bed.StartReplicaAsync(blue);
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var publisher = await gateway.ConnectAsync();
        await using var two = await Subscriber.StartAsync(gateway.Port, 2, "SUBSCRIBE", "news");
        await using var three = await Subscriber.StartAsync(gateway.Port, 3, "SUBSCRIBE", "news");
        await using var pattern = await Subscriber.StartAsync(gateway.Port, 2, "PSUBSCRIBE", "n*s");
        await using var shard = await Subscriber.StartAsync(gateway.Port, 3, "SSUBSCRIBE", "news");
        var published = 0;
        using var ended = new CancellationTokenSource();
        var publishing = PublishAsync();

        for (var epoch = 1; epoch <= 4; epoch++)
        {
            var goal = Volatile.Read(ref published) + 50;
            await TestBed.WaitUntilAsync(() => Task.FromResult(Volatile.Read(ref published) > goal), "some were published", Within);
            await Switchover.RunAsync(gateway, epoch, blue, green);
            await Switchover.FollowAsync(blue, green);
            (blue, green) = (green, blue);
        }

        await ended.CancelAsync();
        await publishing;
        foreach (var subscriber in new[] { two, three, pattern, shard })
            Assert.Equal(Enumerable.Range(1, published), await subscriber.ReadAsync(published));

        async Task PublishAsync()
        {
            while (!ended.IsCancellationRequested)
            {
                var number = published + 1;
                await publisher.ExecuteAsync(["PUBLISH", "news", number], None);
                await publisher.ExecuteAsync(["SPUBLISH", "news", number], None);
                Volatile.Write(ref published, number);
            }
        }
    }

    [ServerFact("redis-7.0")]
    public async Task A_subscription_changed_after_the_preparation_is_kept_too()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        var green = await bed.StartReplicaAsync(blue);
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var client = await RawClient.ConnectAsync(gateway.Port);
        await using var publisher = await gateway.ConnectAsync();
        await client.SendAsync("SUBSCRIBE a b\r\n");
        await ExpectAsync(client, Confirmed("subscribe", "a", 1) + Confirmed("subscribe", "b", 2));
        await gateway.PrepareAsync(1, green);
        await client.SendAsync("SUBSCRIBE c\r\nUNSUBSCRIBE a\r\nPING\r\n");
        await ExpectAsync(client, Confirmed("subscribe", "c", 3) + Confirmed("unsubscribe", "a", 2) + "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
        await Switchover.RunAsync(gateway, 1, blue, green);
        Assert.Equal("b\n1\nc\n1", await green.CallAsync("PUBSUB", "NUMSUB", "b", "c"));
        await publisher.ExecuteAsync(["PUBLISH", "a", "no"], None);
        await publisher.ExecuteAsync(["PUBLISH", "c", "yes"], None);
        await ExpectAsync(client, "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$3\r\nyes\r\n");
        await client.SendAsync("UNSUBSCRIBE\r\nGET x\r\n");
        var first = await client.ReadAsync(Confirmed("unsubscribe", "b", 1).Length);
        Assert.True(first == Confirmed("unsubscribe", "b", 1) || first == Confirmed("unsubscribe", "c", 1), first);
        await client.ReadAsync(Confirmed("unsubscribe", "c", 0).Length);
        await ExpectAsync(client, "$-1\r\n");
        await client.SendAsync("UNSUBSCRIBE\r\nGET x\r\n");
        await ExpectAsync(client, "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n$-1\r\n");
    }

    [ServerFact("redis-7.0")]
    public async Task A_subscriber_is_subscribed_again_after_its_server_was_restarted()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var subscriber = await Subscriber.StartAsync(gateway.Port, 2, "SUBSCRIBE", "news");
        await blue.RestartAsync();
        await TestBed.WaitUntilAsync(async () => await blue.CallAsync("PUBSUB", "NUMSUB", "news") == "news\n1", "it is subscribed again", Within);
        await blue.CallAsync("PUBLISH", "news", "7");
        Assert.Equal([7], await subscriber.ReadAsync(1));
    }

    private static string Confirmed(string kind, string name, int count) => $"*3\r\n${kind.Length}\r\n{kind}\r\n${name.Length}\r\n{name}\r\n:{count}\r\n";

    private static async Task ExpectAsync(RawClient client, string expected) => Assert.Equal(expected, await client.ReadAsync(expected.Length));

    private sealed class Subscriber : IAsyncDisposable
    {
        private readonly Channel<int> _numbers = Channel.CreateUnbounded<int>();
        private readonly RawClient _client;
        private readonly CancellationTokenSource _ended = new();
        private Task _reading = Task.CompletedTask;

        private Subscriber(RawClient client)
        {
            _client = client;
        }

        public static async Task<Subscriber> StartAsync(int port, int protocol, string command, string channel)
        {
            var subscriber = new Subscriber(await RawClient.ConnectAsync(port));
            if (protocol == 3)
                await subscriber._client.SendAsync("HELLO 3\r\n");

            await subscriber._client.SendAsync($"{command} {channel}\r\n");
            var confirmed = new TaskCompletionSource();
            subscriber._reading = subscriber.ReadMessagesAsync(confirmed);
            await confirmed.Task;
            return subscriber;
        }

        public async Task<List<int>> ReadAsync(int count)
        {
            using var deadline = new CancellationTokenSource(Within);
            List<int> numbers = [];
            while (numbers.Count < count)
                numbers.Add(await _numbers.Reader.ReadAsync(deadline.Token));

            return numbers;
        }

        public async ValueTask DisposeAsync()
        {
            await _ended.CancelAsync();
            await _reading;
            await _client.DisposeAsync();
            _ended.Dispose();
        }

        private async Task ReadMessagesAsync(TaskCompletionSource confirmed)
        {
            var buffer = new byte[1 << 20];
            var have = 0;
            try
            {
                while (true)
                {
                    have += await _client.Socket.ReceiveAsync(buffer.AsMemory(have), _ended.Token);
                    var used = Take(buffer.AsSpan(0, have), confirmed);
                    buffer.AsSpan(used, have - used).CopyTo(buffer);
                    have -= used;
                }
            }
            catch (OperationCanceledException)
            {
                // The end of the test.
            }
        }

        private int Take(ReadOnlySpan<byte> data, TaskCompletionSource confirmed)
        {
            var at = 0;
            while (true)
            {
                RespFrameScanner scanner = default;
                if (at == data.Length || !scanner.Scan(data[at..], out var length))
                    return at;

                var value = new RespReader(data.Slice(at, length)).Read();
                at += length;
                if (value.Items.Count < 3 || value.Type == RespType.Map)
                    continue;

                if (value.Items[0].AsString().EndsWith("subscribe", StringComparison.Ordinal))
                    confirmed.TrySetResult();
                else
                    _numbers.Writer.TryWrite(int.Parse(Encoding.ASCII.GetString(value.Items[^1].Bytes.Span)));
            }
        }
    }
}
