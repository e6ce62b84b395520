using System.Text;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Gateway.Requests;

/// <summary>Says how a request is treated, from its name and first word.</summary>
internal static class RequestClassifier
{
    public static RequestKind Classify(ReadOnlySpan<byte> name, ReadOnlySpan<byte> second) => RespCommandTable.Classify(name, second) switch
    {
        RespCommandClass.Read => RequestKind.Read,
        RespCommandClass.Write => ClassifyWrite(name),
        RespCommandClass.Blocking => ClassifyBlocking(name),
        RespCommandClass.PubSub => RequestKind.Subscribe,
        RespCommandClass.ConnectionState => ClassifyState(name, second),
        RespCommandClass.Transaction => ClassifyTransaction(name),
        RespCommandClass.Streaming => RequestKind.Refused,
        _ => RequestKind.Write,
    };

    /// <summary>XREAD and XREADGROUP wait only if they say so.</summary>
    public static RequestKind Refine(RequestKind kind, ReadOnlySpan<byte> request) =>
        !RespCommandReader.TryRead(request, out var command, out _) ? kind : RespCommandTable.Classify(command!) switch
        {
            RespCommandClass.Read => RequestKind.Read,
            RespCommandClass.Write => RequestKind.Write,
            _ => kind,
        };

    /// <summary>Whether the request must be there whole before it is treated, because its words are read.</summary>
    public static bool NeedsWholeRequest(RequestKind kind) => kind is
        RequestKind.BlockingRead or RequestKind.BlockingWrite or RequestKind.Subscribe or RequestKind.State or RequestKind.ClientReply;

    private static RequestKind ClassifyWrite(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 when Is(name, "EVAL"u8) => RequestKind.Script,
        6 when Is(name, "SCRIPT"u8) => RequestKind.Script,
        _ => RequestKind.Write,
    };

    private static RequestKind ClassifyBlocking(ReadOnlySpan<byte> name) => name.Length switch
    {
        _ when Is(name, "WAIT"u8) || Is(name, "WAITAOF"u8) => RequestKind.Wait,
        _ when Is(name, "XREAD"u8) => RequestKind.BlockingRead,
        _ => RequestKind.BlockingWrite,
    };

    private static RequestKind ClassifyState(ReadOnlySpan<byte> name, ReadOnlySpan<byte> second)
    {
        if (Is(name, "RESET"u8))
            return RequestKind.Reset;

        if (Is(name, "QUIT"u8))
            return RequestKind.Quit;

        return Is(name, "CLIENT"u8) && Is(second, "REPLY"u8) ? RequestKind.ClientReply : RequestKind.State;
    }

    private static RequestKind ClassifyTransaction(ReadOnlySpan<byte> name) => name.Length switch
    {
        5 when Is(name, "MULTI"u8) => RequestKind.Multi,
        4 => RequestKind.Exec,
        7 when Is(name, "DISCARD"u8) => RequestKind.Discard,
        5 => RequestKind.Watch,
        _ => RequestKind.Unwatch,
    };

    private static bool Is(ReadOnlySpan<byte> word, ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(word, name);
}
