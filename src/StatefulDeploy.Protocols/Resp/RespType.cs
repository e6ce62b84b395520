namespace StatefulDeploy.Protocols.Resp;

/// <summary>The kind of a RESP 2 or RESP 3 value, by its wire marker (https://redis.io/docs/latest/develop/reference/protocol-spec/).</summary>
public enum RespType
{
    /// <summary>No value: <c>_</c>, or RESP 2's <c>$-1</c> and <c>*-1</c>.</summary>
    Null = 0,

    /// <summary>A line of text: <c>+OK</c>.</summary>
    SimpleString = '+',

    /// <summary>An error in one line: <c>-ERR …</c>.</summary>
    Error = '-',

    /// <summary>A 64-bit integer: <c>:1</c>.</summary>
    Integer = ':',

    /// <summary>Binary-safe bytes: <c>$3</c>.</summary>
    BulkString = '$',

    /// <summary>A list of values: <c>*2</c>.</summary>
    Array = '*',

    /// <summary>A floating-point number: <c>,3.14</c>.</summary>
    Double = ',',

    /// <summary>True or false: <c>#t</c>.</summary>
    Boolean = '#',

    /// <summary>An integer of any size: <c>(349…</c>.</summary>
    BigNumber = '(',

    /// <summary>A binary-safe error: <c>!21</c>.</summary>
    BulkError = '!',

    /// <summary>Bytes with a three-letter format before them: <c>=15</c>, <c>txt:…</c>.</summary>
    VerbatimString = '=',

    /// <summary>Keys and values, in turn: <c>%2</c>.</summary>
    Map = '%',

    /// <summary>Values without an order: <c>~2</c>.</summary>
    Set = '~',

    /// <summary>A value that answers no request, such as a published message: <c>&gt;3</c>.</summary>
    Push = '>',
}
