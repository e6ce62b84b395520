using System.Text;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Protocols.Tests;

public sealed class RespCommandTableTests
{
    [Theory]
    [InlineData("get a", RespCommandClass.Read)]
    [InlineData("GeT a", RespCommandClass.Read)]
    [InlineData("SET a 1", RespCommandClass.Write)]
    [InlineData("EVAL x 0", RespCommandClass.Write)]
    [InlineData("EVAL_RO x 0", RespCommandClass.Read)]
    [InlineData("FCALL f 0", RespCommandClass.Write)]
    [InlineData("JSON.SET a $ 1", RespCommandClass.Write)]
    [InlineData("GETEX a", RespCommandClass.Write)]
    [InlineData("PUBLISH c m", RespCommandClass.Write)]
    [InlineData("BLPOP a 0", RespCommandClass.Blocking)]
    [InlineData("XREAD STREAMS block 0", RespCommandClass.Read)]
    [InlineData("XREAD COUNT 1 block 5 STREAMS s 0", RespCommandClass.Blocking)]
    [InlineData("XREADGROUP GROUP g c STREAMS s >", RespCommandClass.Write)]
    [InlineData("WAIT 1 0", RespCommandClass.Blocking)]
    [InlineData("CLIENT id", RespCommandClass.Read)]
    [InlineData("CLIENT SETNAME x", RespCommandClass.ConnectionState)]
    [InlineData("CLIENT KILL x", RespCommandClass.Admin)]
    [InlineData("CONFIG GET x", RespCommandClass.Read)]
    [InlineData("CONFIG SET x y", RespCommandClass.Admin)]
    [InlineData("SCRIPT LOAD x", RespCommandClass.Write)]
    [InlineData("XINFO STREAM s", RespCommandClass.Read)]
    [InlineData("COMMAND", RespCommandClass.Read)]
    [InlineData("CLIENT", RespCommandClass.Admin)]
    [InlineData("SUBSCRIBE c", RespCommandClass.PubSub)]
    [InlineData("MULTI", RespCommandClass.Transaction)]
    [InlineData("HELLO 3", RespCommandClass.ConnectionState)]
    [InlineData("PSYNC ? -1", RespCommandClass.Streaming)]
    [InlineData("NOSUCHCOMMANDATALL", RespCommandClass.Write)]
    public void A_command_has_its_class(string text, RespCommandClass expected) =>
        Assert.Equal(expected, RespCommandTable.Classify(RespInlineCommand.Parse(Encoding.ASCII.GetBytes(text))));

    [RedisFact]
    public async Task No_command_the_server_flags_as_a_write_is_classified_as_a_read()
    {
        await using RedisProcess redis = await RedisProcess.StartAsync();
        await using RespConnection connection = await RespConnection.ConnectAsync(redis.Options, CancellationToken.None);
        RespValue commands = await connection.ExecuteAsync(["COMMAND"], CancellationToken.None);
        Assert.True(commands.Items.Count > 200);
        foreach (RespValue command in commands.Items)
        {
            AssertNotRead(command, default);
            foreach (RespValue subcommand in command.Items.Count > 9 ? command.Items[9].Items : [])
            {
                AssertNotRead(subcommand, subcommand.Items[0].AsString().Split('|')[1]);
            }
        }
    }

    private static void AssertNotRead(RespValue command, string? subcommand)
    {
        string name = command.Items[0].AsString().Split('|')[0];
        if (command.Items[2].Items.Any(flag => flag.AsString() == "write"))
        {
            RespCommandClass found = RespCommandTable.Classify(Encoding.ASCII.GetBytes(name), Encoding.ASCII.GetBytes(subcommand ?? ""));
            Assert.True(found is RespCommandClass.Write or RespCommandClass.Blocking, $"{name} {subcommand} is {found}");
        }
    }
}
