using System.Text;
using StatefulDeploy.Load.Redis;

namespace StatefulDeploy.Harness.Tests;

public sealed class RespParserTests
{
    [Theory]
    [InlineData("+OK\r\n", "OK")]
    [InlineData("-READONLY no\r\n", "!READONLY no")]
    [InlineData(":42\r\n", "42")]
    [InlineData("$5\r\na\r\nbc\r\n", "a\r\nbc")]
    [InlineData("$-1\r\n", "null")]
    [InlineData("_\r\n", "null")]
    [InlineData("*-1\r\n", "null")]
    [InlineData("*3\r\n:1\r\n$1\r\nx\r\n-E\r\n", "[1 x !E]")]
    [InlineData("%1\r\n+a\r\n:1\r\n", "[a 1]")]
    [InlineData("*0\r\n", "[]")]
    public void A_reply_is_read_whole_and_never_from_a_part_of_it(string wire, string expected)
    {
        var bytes = Encoding.ASCII.GetBytes(wire);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(new RespParser(bytes.AsMemory(0, length)).TryRead(out _), $"{length} of {bytes.Length} bytes");
        }

        var parser = new RespParser(Encoding.ASCII.GetBytes(wire + "+next\r\n"));
        Assert.True(parser.TryRead(out var reply));
        Assert.Equal(bytes.Length, parser.Consumed);
        Assert.Equal(expected, Words(reply));
    }

    [Theory]
    [InlineData("hello\r\n")]
    [InlineData("$x\r\n")]
    public void What_is_no_resp_is_an_error(string wire) => Assert.Throws<IOException>(() => new RespParser(Encoding.ASCII.GetBytes(wire)).TryRead(out _));

    private static string Words(RespReply reply) => reply.Type switch
    {
        RespType.Array => $"[{string.Join(' ', reply.Items!.Select(Words))}]",
        RespType.Null => "null",
        RespType.Error => "!" + reply.Text,
        _ => reply.Text,
    };
}
