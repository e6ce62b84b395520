using System.Text;
using StatefulDeploy.Gateway.Requests;

namespace StatefulDeploy.Gateway.Tests;

public sealed class RequestParserTests
{
    public static TheoryData<string, int, string, string> Requests => new()
    {
        { "*1\r\n$4\r\nPING\r\n", 1, "PING", "" },
        { "*2\r\n$3\r\nGET\r\n$0\r\n\r\n", 2, "GET", "" },
        { "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$12\r\nhello\r\nworld\r\n", 3, "SET", "a" },
        { "*11\r\n$4\r\nMGET\r\n" + string.Concat(Enumerable.Repeat("$2\r\nkk\r\n", 10)), 11, "MGET", "kk" },
        { "*2\r\n$000004\r\nECHO\r\n$150\r\n" + new string('x', 150) + "\r\n", 2, "ECHO", new string('x', 150) },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_request_is_whole_with_its_last_byte_and_not_before(string text, int words, string name, string second)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        for (var length = 1; length < bytes.Length; length++)
            Assert.Equal(RequestParse.Partial, RequestParser.Parse(bytes.AsSpan(0, length), out _));

        Assert.Equal(RequestParse.Whole, RequestParser.Parse(Encoding.ASCII.GetBytes(text + "*1\r\n$4\r\nPING\r\n"), out var head));
        Assert.Equal((bytes.Length, words), (head.Length, head.Words));
        Assert.Equal(name, Encoding.ASCII.GetString(head.Name));
        Assert.Equal(second, Encoding.ASCII.GetString(head.Second));
    }

    [Theory]
    [InlineData("*x\r\n")]
    [InlineData("*1\r\n:1\r\n")]
    [InlineData("*1\r\n$x\r\n")]
    [InlineData("*1\r\n$-1\r\n")]
    [InlineData("*1\r\n$1x\r\n")]
    [InlineData("*99999999\r\n")]
    [InlineData("*1\r\n$99999999999999999999\r\n")]
    public void What_is_no_request_is_invalid(string text) =>
        Assert.Equal(RequestParse.Invalid, RequestParser.Parse(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData("*0\r\n")]
    [InlineData("*-1\r\n")]
    [InlineData("\r\n")]
    [InlineData("  \r\n")]
    public void What_a_server_passes_over_has_no_words(string text)
    {
        Assert.Equal(RequestParse.Whole, RequestParser.Parse(Encoding.ASCII.GetBytes(text), out var head));
        Assert.Equal((0, text.Length), (head.Words, head.Length));
    }

    [Fact]
    public void A_large_request_tells_its_name_and_what_is_missing()
    {
        Assert.Equal(RequestParse.Partial, RequestParser.Parse("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1000000\r\nxx"u8, out var head));
        Assert.Equal("SET", Encoding.ASCII.GetString(head.Name));
        Assert.Equal(1_000_000, head.Missing);
        Assert.Equal(2, head.WordsSeen);
    }

    [Theory]
    [InlineData("GET a", nameof(RequestKind.Read))]
    [InlineData("get a", nameof(RequestKind.Read))]
    [InlineData("SET a", nameof(RequestKind.Write))]
    [InlineData("EVAL x", nameof(RequestKind.Script))]
    [InlineData("FCALL x", nameof(RequestKind.Write))]
    [InlineData("JSON.GET x", nameof(RequestKind.Write))]
    [InlineData("BLPOP x", nameof(RequestKind.BlockingWrite))]
    [InlineData("XREAD x", nameof(RequestKind.BlockingRead))]
    [InlineData("WAIT x", nameof(RequestKind.Wait))]
    [InlineData("multi x", nameof(RequestKind.Multi))]
    [InlineData("EXEC x", nameof(RequestKind.Exec))]
    [InlineData("DISCARD x", nameof(RequestKind.Discard))]
    [InlineData("WATCH x", nameof(RequestKind.Watch))]
    [InlineData("UNWATCH x", nameof(RequestKind.Unwatch))]
    [InlineData("SSUBSCRIBE x", nameof(RequestKind.Subscribe))]
    [InlineData("CLIENT reply", nameof(RequestKind.ClientReply))]
    [InlineData("CLIENT SETNAME", nameof(RequestKind.State))]
    [InlineData("CLIENT PAUSE", nameof(RequestKind.Write))]
    [InlineData("CONFIG SET", nameof(RequestKind.Write))]
    [InlineData("RESET x", nameof(RequestKind.Reset))]
    [InlineData("QUIT x", nameof(RequestKind.Quit))]
    [InlineData("MONITOR x", nameof(RequestKind.Refused))]
    public void A_request_has_its_kind_also_when_it_is_remembered(string text, string expected)
    {
        var words = text.Split(' ');
        var (name, second) = (Encoding.ASCII.GetBytes(words[0]), Encoding.ASCII.GetBytes(words[1]));
        Assert.Equal(expected, RequestClassifier.Classify(name, second).ToString());
        var last = new LastCommand();
        foreach (var other in new[] { "GET", "SET", "GETS", "EX", "E", words[0] })
        {
            last.Classify(Encoding.ASCII.GetBytes(other), default);
            Assert.Equal(expected, last.Classify(name, second).ToString());
        }
    }
}
