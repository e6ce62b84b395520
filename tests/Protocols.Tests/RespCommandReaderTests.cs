using System.Text;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Protocols.Tests;

public sealed class RespCommandReaderTests
{
    [Theory]
    [InlineData("*2\r\n$3\r\nGET\r\n$1\r\na\r\nrest", "GET a", 20)]
    [InlineData("GET a\r\nrest", "GET a", 7)]
    [InlineData("\r\n\nGET  a \n", "GET a", 11)]
    [InlineData("SET a \"x \\x41\\n\"\r\n", "SET a x A\n", 18)]
    [InlineData("SET a 'it\\'s'\r\n", "SET a it's", 15)]
    public void A_command_is_read_with_the_bytes_it_took(string text, string words, int length)
    {
        Assert.True(RespCommandReader.TryRead(Encoding.ASCII.GetBytes(text), out RespCommand? command, out int consumed));
        Assert.Equal(words, string.Join(' ', command!.Select(word => Encoding.ASCII.GetString(word.Bytes.Span))));
        Assert.Equal(length, consumed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\r\n")]
    [InlineData("*1\r\n$4\r\nPIN")]
    [InlineData("PING")]
    public void A_command_that_is_not_whole_waits(string text) =>
        Assert.False(RespCommandReader.TryRead(Encoding.ASCII.GetBytes(text), out _, out _));

    [Theory]
    [InlineData("*1\r\n:1\r\n")]
    [InlineData("*0\r\n")]
    [InlineData("SET \"a\r\n")]
    public void What_is_no_command_is_refused(string text) =>
        Assert.Throws<RespProtocolException>(() => RespCommandReader.TryRead(Encoding.ASCII.GetBytes(text), out _, out _));

    [Fact]
    public void No_text_made_of_a_command_or_options_holds_an_argument()
    {
        RespCommand command = ["AUTH", "alice", "hunter2"];
        RespConnectionOptions options = new() { Host = "h", Port = 1, UserName = "alice", Password = "hunter2" };
        Assert.Equal("AUTH", command.ToString());
        Assert.DoesNotContain("hunter2", command[2].ToString());
        Assert.DoesNotContain("hunter2", options.ToString());
        Assert.Contains("alice", options.ToString());
    }
}
