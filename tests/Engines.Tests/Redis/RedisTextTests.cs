using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.Redis;
using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Engines.Tests.Redis;

/// <summary>Versions, users and configuration files as texts.</summary>
public sealed class RedisTextTests
{
    private static readonly RedisAclUser Control = RedisAclUser.Parse("user statefuldeploy on #00 ~* &* +@all");

    [Theory]
    [InlineData("7.0", "8.0", true)]
    [InlineData("7.0", "valkey-8.1", true)]
    [InlineData("8.0", "7.0", false)]
    [InlineData("7.2.4", "valkey 8.0", true)]
    [InlineData("8.0", "valkey-8.1", false)]
    [InlineData("valkey-8.1", "8.0", true)]
    [InlineData("valkey-8.1", "7.2", true)]
    [InlineData("6.2", "8.0", false)]
    [InlineData("7.0", "9.9", false)]
    public void A_version_follows_one_whose_snapshots_it_loads(string from, string to, bool can) =>
        Assert.Equal(can, RedisVersion.Parse(to, RedisFamily.Redis).CanLoad(RedisVersion.Parse(from, RedisFamily.Redis)));

    [Theory]
    [InlineData("")]
    [InlineData("latest")]
    [InlineData("8")]
    [InlineData("garnet-2.2.8")]
    public void What_is_no_version_is_refused(string text) =>
        Assert.Equal("UnknownVersion", Assert.Throws<UpgradeException>(() => RedisVersion.Parse(text, RedisFamily.Redis)).ErrorId);

    [ServerTheory]
    [ServerData("redis-7.0", 10)]
    [ServerData("redis-8.0", 12)]
    [ServerData("valkey-8.1", 11)]
    public async Task The_table_of_snapshot_versions_is_what_real_servers_write(string server, int rdb)
    {
        await using Harness.TestBed bed = new();
        RedisServer real = await bed.StartRedisAsync(server);
        await using StatefulDeploy.Protocols.Resp.RespConnection connection = await StatefulDeploy.Protocols.Resp.RespConnection.ConnectAsync(new() { Host = "127.0.0.1", Port = real.Port }, default);
        await connection.ExecuteAsync(["SET", "k", "v"], default);
        byte[] dump = (await connection.ExecuteAsync(["DUMP", "k"], default)).Bytes.ToArray();

        // The payload ends with two bytes of version and eight of checksum.
        Assert.Equal(rdb, BitConverter.ToUInt16(dump, dump.Length - 10));
        Assert.Equal(rdb, RedisVersion.Of(await connection.InfoAsync("server", default)).RdbVersion);
    }

    [Theory]
    [InlineData("user a on nopass ~* &* +@all")]
    [InlineData("user a on #aa ~x(y ~* resetchannels -@all +get (~w* resetchannels -@all +@write) (%R~r* resetchannels -@all +get)")]
    [InlineData("user a off resetchannels -@all")]
    public void A_user_s_line_is_read_and_written_without_change(string line) => Assert.Equal(line, RedisAclUser.Parse(line).Line);

    [Fact]
    public void Denials_stand_last_in_the_user_and_in_each_selector() =>
        Assert.Equal("user a on +@all -@write -vadd (~w* +@write -@write -vadd)", RedisAclUser.Parse("user a on +@all (~w* +@write)").Without(["-@write", "-vadd"]).Line);

    [Theory]
    [InlineData("port 1\n")]
    [InlineData("port 1\nuser alice on >a ~* +@all\naclfile /x\n# user bob\n  USER carol on\nsave \"\"\n")]
    public void Closing_and_opening_gives_the_text_back(string text)
    {
        RedisAclUser[] users = [RedisAclUser.Parse("user alice on #aa ~* +@all"), RedisAclUser.Parse("user default on nopass ~* &* +@all")];
        string closed = RedisConfigText.Close(text, users, ["-@write"], Control);

        Assert.True(RedisConfigText.IsClosed(closed));
        Assert.Equal(users.Select(user => user.Line), RedisConfigText.Originals(closed).Select(user => user.Line));
        Assert.Equal(3, RedisConfigText.Values(closed, "user").Count);
        Assert.Empty(RedisConfigText.Values(closed, "aclfile"));
        Assert.Equal(closed, RedisConfigText.Close(closed, users, ["-@write"], Control));
        Assert.Equal(text, RedisConfigText.Open(closed));
        Assert.Equal(text, RedisConfigText.Open(text));
    }

    [Fact]
    public void What_the_server_rewrote_into_a_closed_file_goes_when_it_is_opened()
    {
        string closed = RedisConfigText.Close("port 1\n", [RedisAclUser.Parse("user default on nopass +@all")], ["-@write"], Control);

        Assert.Equal("port 1\nmaxmemory 100mb\n", RedisConfigText.Open(closed + "maxmemory 100mb\nuser default on nopass +@all -@write\n"));
    }

    [Fact]
    public void A_command_that_writes_outside_the_category_is_denied_by_name() => Assert.Equal(
        ["-@write", "-acl|setuser", "-vadd"],
        RedisFenceRules.Of([new("set", true, true), new("vadd", true, false), new("get", false, false), new("acl|setuser", false, false)]));
}
