using System.Text;
using StatefulDeploy.Gateway.Requests;
using StatefulDeploy.Gateway.Sessions;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Gateway.Tests;

public sealed class BlockingRequestTests
{
    [Theory]
    [InlineData("BLPOP a b 10", 4_000, "BLPOP a b 6.000")]
    [InlineData("BLPOP a 0", 4_000, "BLPOP a 0")]
    [InlineData("BLMPOP 2.5 1 a LEFT", 500, "BLMPOP 2.000 1 a LEFT")]
    [InlineData("BLMOVE a b LEFT RIGHT 1", 999, "BLMOVE a b LEFT RIGHT 0.001")]
    [InlineData("XREAD COUNT 1 block 5000 STREAMS s $", 1_000, "XREAD COUNT 1 block 4000 STREAMS s $")]
    [InlineData("XREADGROUP GROUP g c BLOCK 0 STREAMS s >", 1_000, "XREADGROUP GROUP g c BLOCK 0 STREAMS s >")]
    public void It_is_asked_again_with_the_time_that_is_left(string text, long later, string expected)
    {
        var request = new BlockingRequest(RequestKind.BlockingWrite, RespInlineCommand.Parse(Encoding.ASCII.GetBytes(text)), 100);
        Assert.False(request.IsOver(100 + later));
        RespCommandReader.TryRead(request.Again(100 + later), out var again, out _);
        Assert.Equal(expected, string.Join(' ', again!.Select(word => Encoding.ASCII.GetString(word.Bytes.Span))));
    }

    [Fact]
    public void It_is_over_when_its_own_time_is()
    {
        var request = new BlockingRequest(RequestKind.BlockingWrite, ["BLPOP", "a", "1"], 100);
        Assert.False(request.IsOver(1_099));
        Assert.True(request.IsOver(1_100));
    }

    [Fact]
    public void Wait_is_never_asked_again()
    {
        Assert.True(new BlockingRequest(RequestKind.Wait, ["WAIT", "1", "0"], 100).IsOver(100));
    }
}
