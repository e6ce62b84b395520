using System.Globalization;
using System.Text;

namespace StatefulDeploy.Protocols.Resp;

/// <summary>One word of a command: text, a number or bytes.</summary>
/// <param name="Bytes">The bytes as sent.</param>
public readonly record struct RespArgument(ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Text, as UTF-8.</summary>
    /// <param name="text">The text.</param>
    public static implicit operator RespArgument(string text) => new(Encoding.UTF8.GetBytes(text));

    /// <summary>An integer, in decimal.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator RespArgument(long value) => new(Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Bytes, not copied.</summary>
    /// <param name="bytes">The bytes.</param>
    public static implicit operator RespArgument(byte[] bytes) => new(bytes);

    /// <summary>Bytes, not copied.</summary>
    /// <param name="bytes">The bytes.</param>
    public static implicit operator RespArgument(ReadOnlyMemory<byte> bytes) => new(bytes);

    /// <summary>The size; never the bytes, which may be a password.</summary>
    public override string ToString() => $"{Bytes.Length} bytes";
}
