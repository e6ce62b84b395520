using System.Text;

namespace StatefulDeploy.Load.Redis;

/// <summary>One reply. Its bytes are the connection's and last until the next reply is read.</summary>
internal readonly record struct RespReply(RespType Type, ReadOnlyMemory<byte> Bytes, long Integer = 0, RespReply[]? Items = null)
{
    public string Text => Encoding.UTF8.GetString(Bytes.Span);

    /// <summary>The error in this reply or in a part of it.</summary>
    public string? Error => Type switch
    {
        RespType.Error => Text,
        RespType.Array => Items!.Select(item => item.Error).FirstOrDefault(error => error is not null),
        _ => null,
    };
}
