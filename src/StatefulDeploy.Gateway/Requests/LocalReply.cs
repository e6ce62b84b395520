using System.Buffers;
using System.Text;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Gateway.Requests;

/// <summary>The answers that the gateway gives itself.</summary>
internal static class LocalReply
{
    public static readonly byte[] Ok = "+OK\r\n"u8.ToArray();

    public static readonly byte[] HeldTooLong =
        "-READONLY You can't write against a read only replica. (the gateway held this request for as long as it may)\r\n"u8.ToArray();

    public static readonly byte[] HeldTooMuch =
        "-READONLY You can't write against a read only replica. (the gateway holds as many bytes of requests as it may)\r\n"u8.ToArray();

    public static readonly byte[] Unreachable =
        "-LOADING the gateway cannot reach the server at this moment; nothing was executed\r\n"u8.ToArray();

    public static readonly byte[] Indeterminate =
        "-ERR gateway: the connection to the server broke before it answered; whether the command was executed is not known\r\n"u8.ToArray();

    public static readonly byte[] TransactionAborted =
        "-EXECABORT Transaction discarded because of previous errors.\r\n"u8.ToArray();

    public static readonly byte[] ExecWithoutMulti = "-ERR EXEC without MULTI\r\n"u8.ToArray();

    public static readonly byte[] Refused =
        "-ERR gateway: MONITOR and replication do not go through the gateway; connect to the server itself\r\n"u8.ToArray();

    public static readonly byte[] SubscribeInMulti =
        "-ERR gateway: subscriptions cannot be changed inside a transaction\r\n"u8.ToArray();

    public static readonly byte[] TooManyClients = "-ERR max number of clients reached\r\n"u8.ToArray();

    public static readonly byte[] NullArray2 = "*-1\r\n"u8.ToArray();

    public static readonly byte[] Null3 = "_\r\n"u8.ToArray();

    /// <summary>What a RESP 3 server sends when all that a client cached may be stale.</summary>
    public static readonly byte[] InvalidateAll = ">2\r\n$10\r\ninvalidate\r\n_\r\n"u8.ToArray();

    public static byte[] NullArray(int protocol) => protocol == 2 ? NullArray2 : Null3;

    public static byte[] Error(string text) => Encoding.UTF8.GetBytes($"-ERR {text}\r\n");

    public static byte[] Encode(RespCommand command)
    {
        ArrayBufferWriter<byte> output = new();
        RespWriter.WriteCommand(output, command);
        return output.WrittenSpan.ToArray();
    }
}
