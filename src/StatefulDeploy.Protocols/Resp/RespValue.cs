using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace StatefulDeploy.Protocols.Resp;

/// <summary>One RESP value with its own copy of the bytes. Immutable.</summary>
public sealed class RespValue
{
    private RespValue(RespType type, ReadOnlyMemory<byte> bytes, IReadOnlyList<RespValue> items)
    {
        Type = type;
        Bytes = bytes;
        Items = items;
    }

    /// <summary>The value that is none.</summary>
    public static RespValue Null { get; } = new(RespType.Null, default, []);

    /// <summary>The kind of value.</summary>
    public RespType Type { get; }

    /// <summary>The payload of a value that is no list: the text of a line, the body of a bulk string (of a verbatim string without its <c>txt:</c>).</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The parts of an array, set or push; of a map, keys and values in turn. Empty for all else.</summary>
    public IReadOnlyList<RespValue> Items { get; }

    /// <summary>What the server attached to the value with RESP 3's <c>|</c>, keys and values in turn; mostly empty.</summary>
    public IReadOnlyList<RespValue> Attributes { get; private init; } = [];

    /// <summary>The three letters before a verbatim string (<c>txt</c>, <c>mkd</c>), else null.</summary>
    public string? VerbatimFormat { get; private init; }

    /// <summary>Whether this is no value.</summary>
    public bool IsNull => Type == RespType.Null;

    /// <summary>Whether the server answered with an error.</summary>
    public bool IsError => Type is RespType.Error or RespType.BulkError;

    /// <summary>The first word of an error (<c>READONLY</c>), or null for all else.</summary>
    public string? ErrorCode => IsError ? RespServerException.CodeOf(Text()) : null;

    /// <summary>A line of text.</summary>
    /// <param name="text">The text, without line ends.</param>
    public static RespValue Simple(string text) => new(RespType.SimpleString, Encoding.UTF8.GetBytes(text), []);

    /// <summary>An error.</summary>
    /// <param name="text">Code, space, message; without line ends.</param>
    public static RespValue Error(string text) => new(RespType.Error, Encoding.UTF8.GetBytes(text), []);

    /// <summary>An integer.</summary>
    /// <param name="value">The number.</param>
    public static RespValue Integer(long value) =>
        new(RespType.Integer, Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)), []);

    /// <summary>A bulk string.</summary>
    /// <param name="text">The text, sent as UTF-8.</param>
    public static RespValue Bulk(string text) => new(RespType.BulkString, Encoding.UTF8.GetBytes(text), []);

    /// <summary>A value of bytes or text.</summary>
    /// <param name="type">Any type but the lists and null.</param>
    /// <param name="bytes">The payload, which must not change afterwards.</param>
    public static RespValue Scalar(RespType type, ReadOnlyMemory<byte> bytes) => new(type, bytes, []);

    /// <summary>A list of values.</summary>
    /// <param name="type">Array, set, push, or map (then keys and values in turn).</param>
    /// <param name="items">The parts.</param>
    public static RespValue List(RespType type, IReadOnlyList<RespValue> items) => new(type, default, items);

    /// <summary>A verbatim string.</summary>
    /// <param name="format">The three letters.</param>
    /// <param name="bytes">The text without them.</param>
    public static RespValue Verbatim(string format, ReadOnlyMemory<byte> bytes) =>
        new(RespType.VerbatimString, bytes, []) { VerbatimFormat = format };

    /// <summary>The payload as UTF-8 text.</summary>
    /// <exception cref="InvalidOperationException">The value is null or a list.</exception>
    public string AsString() => IsNull || IsList(Type) ? throw Mismatch("text") : Text();

    /// <summary>The payload as UTF-8 text, or null if there is no value.</summary>
    /// <exception cref="InvalidOperationException">The value is a list.</exception>
    public string? AsStringOrNull() => IsNull ? null : AsString();

    /// <summary>The number, also from text that holds one.</summary>
    /// <exception cref="InvalidOperationException">The value is not a 64-bit integer.</exception>
    public long AsInt64() =>
        Utf8Parser.TryParse(Bytes.Span, out long value, out int used) && used == Bytes.Length ? value : throw Mismatch("a 64-bit integer");

    /// <summary>The number, also from text that holds one; <c>inf</c>, <c>-inf</c> and <c>nan</c> too.</summary>
    /// <exception cref="InvalidOperationException">The value is not a number.</exception>
    public double AsDouble() => Text() switch
    {
        "inf" or "+inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        "nan" or "-nan" => double.NaN,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) => value,
        _ => throw Mismatch("a number"),
    };

    /// <summary>The truth value: <c>#t</c>, or any integer but 0.</summary>
    /// <exception cref="InvalidOperationException">The value is neither.</exception>
    public bool AsBoolean() => Type == RespType.Boolean ? Bytes.Span.SequenceEqual("t"u8) : AsInt64() != 0;

    /// <summary>Keys and values as a dictionary, from a map or from RESP 2's flat array of them. A later key wins.</summary>
    /// <exception cref="InvalidOperationException">The value is no such list, or a key is no text.</exception>
    public IReadOnlyDictionary<string, RespValue> AsMap()
    {
        if (!IsList(Type) || Items.Count % 2 != 0)
        {
            throw Mismatch("a map");
        }

        Dictionary<string, RespValue> map = new(Items.Count / 2, StringComparer.Ordinal);
        for (int i = 0; i < Items.Count; i += 2)
        {
            map[Items[i].AsString()] = Items[i + 1];
        }

        return map;
    }

    /// <summary>This value, unless it is an error.</summary>
    /// <exception cref="RespServerException">The value is an error.</exception>
    public RespValue ThrowIfError() => IsError ? throw new RespServerException(Text()) : this;

    /// <summary>Kind and size, and the code of errors; never a payload, which may be secret.</summary>
    public override string ToString() => Type switch
    {
        RespType.Null => "Null",
        RespType.Error or RespType.BulkError => $"{Type}({ErrorCode})",
        _ when IsList(Type) => $"{Type}({Items.Count} items)",
        _ => $"{Type}({Bytes.Length} bytes)",
    };

    internal RespValue WithAttributes(IReadOnlyList<RespValue> attributes) =>
        new(Type, Bytes, Items) { Attributes = attributes, VerbatimFormat = VerbatimFormat };

    internal static bool IsList(RespType type) => type is RespType.Array or RespType.Map or RespType.Set or RespType.Push;

    private string Text() => Encoding.UTF8.GetString(Bytes.Span);

    private InvalidOperationException Mismatch(string wanted) => new($"Expected {wanted}, but the value is {this}.");
}
