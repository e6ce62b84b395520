using System.Buffers.Binary;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Gateway.Requests;

/// <summary>Remembers the class of a client's last plain read or write: most clients say the same again and again.</summary>
internal sealed class LastCommand
{
    private ulong _name;
    private RequestKind _kind;

    public RequestKind Classify(ReadOnlySpan<byte> name, ReadOnlySpan<byte> second)
    {
        if (name.Length > 7)
            return RequestClassifier.Classify(name, second);

        var packed = Pack(name);
        if (packed == _name)
            return _kind;

        var kind = RequestClassifier.Classify(name, second);
        if (kind > RequestKind.Write || RespCommandTable.IsContainer(name))
            return kind;

        _name = packed;
        return _kind = kind;
    }

    // The length in the last byte: no two names are the same number, and 0 is none.
    private static ulong Pack(ReadOnlySpan<byte> name)
    {
        ulong packed = 0;
        if (name.Length >= 4)
        {
            packed = BinaryPrimitives.ReadUInt32LittleEndian(name) | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(name[^4..]) << ((name.Length - 4) * 8));
        }
        else
        {
            foreach (var b in name)
                packed = (packed << 8) | b;
        }

        return packed | ((ulong)name.Length << 56);
    }
}
