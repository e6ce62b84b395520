using System.Text;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Protocols.Tests;

public sealed class RespFrameScannerTests
{
    public static TheoryData<string> Values =>
    [
        "+OK\r\n",
        "-ERR no\r\n",
        ":-12\r\n",
        "$5\r\nhe\r\no\r\n",
        "$0\r\n\r\n",
        "$-1\r\n",
        "*-1\r\n",
        "*0\r\n",
        "*2\r\n$1\r\na\r\n*2\r\n:1\r\n$-1\r\n",
        "_\r\n",
        "#t\r\n",
        ",3.25\r\n",
        ",inf\r\n",
        "(3492890328409238509324850943850943825024385\r\n",
        "!8\r\nERR x\r\ny\r\n",
        "=8\r\ntxt:some\r\n",
        "%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n_\r\n",
        "~2\r\n:1\r\n:2\r\n",
        ">3\r\n+message\r\n$1\r\nc\r\n$2\r\nhi\r\n",
        "|1\r\n+ttl\r\n:3600\r\n*1\r\n$1\r\nx\r\n",
        "*1\r\n|1\r\n+k\r\n+v\r\n:5\r\n",
    ];

    [Theory]
    [MemberData(nameof(Values))]
    public void A_value_ends_at_its_last_byte_however_it_is_split(string text)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text + "+NEXT\r\n");
        int length = bytes.Length - 7;
        for (int first = 0; first <= bytes.Length; first++)
        {
            for (int second = first; second <= bytes.Length; second++)
            {
                Assert.Equal(length, ScanParts(bytes[..first], bytes[first..second], bytes[second..]));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void A_value_written_again_is_the_same_bytes(string text)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        RespValue value = new RespReader(bytes).Read();
        System.Buffers.ArrayBufferWriter<byte> output = new();
        RespWriter.WriteValue(output, value);
        string nulls = text.Replace("$-1\r\n", "_\r\n").Replace("*-1\r\n", "_\r\n");
        Assert.Equal(nulls, Encoding.ASCII.GetString(output.WrittenSpan));
    }

    [Theory]
    [InlineData("$?\r\n")]
    [InlineData("*?\r\n")]
    [InlineData("x")]
    [InlineData("$-2\r\n")]
    [InlineData("%-1\r\n")]
    [InlineData("$1x\r\n")]
    [InlineData("*99999999999999999999\r\n")]
    public void What_is_not_RESP_or_is_streamed_is_refused(string text) =>
        Assert.Throws<RespProtocolException>(() => ScanParts(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void The_marker_of_an_attributed_value_is_its_own()
    {
        RespFrameScanner scanner = default;
        Assert.True(scanner.Scan("|1\r\n+a\r\n+b\r\n>1\r\n+x\r\n"u8, out _));
        Assert.Equal((byte)'>', scanner.TopMarker);
    }

    [Fact]
    public void A_body_of_a_gigabyte_costs_no_memory()
    {
        RespFrameScanner scanner = default;
        byte[] block = new byte[1024 * 1024];
        Assert.False(scanner.Scan("$1073741824\r\n"u8, out _));
        for (int i = 0; i < 1024; i++)
        {
            Assert.False(scanner.Scan(block, out int consumed));
            Assert.Equal(block.Length, consumed);
        }

        Assert.True(scanner.Scan("\r\n+"u8, out int rest));
        Assert.Equal(2, rest);
    }

    private static int ScanParts(params byte[][] parts)
    {
        RespFrameScanner scanner = default;
        int total = 0;
        foreach (byte[] part in parts)
        {
            bool ended = scanner.Scan(part, out int consumed);
            total += consumed;
            if (ended)
            {
                return total;
            }
        }

        return -1;
    }
}
