namespace StatefulDeploy.Protocols.Resp;

/// <summary>The server answered with an error. The connection remains usable.</summary>
public sealed class RespServerException : Exception
{
    /// <summary>Makes the exception from the server's text.</summary>
    /// <param name="text">The error as sent, without its marker: <c>WRONGTYPE Operation against …</c>.</param>
    public RespServerException(string text)
        : base(text)
    {
        Code = CodeOf(text);
    }

    private RespServerException(string code, string message)
        : base(message)
    {
        Code = code;
    }

    /// <summary>The first word of the error: <c>ERR</c>, <c>READONLY</c>, <c>MOVED</c>, <c>NOAUTH</c>…</summary>
    public string Code { get; }

    /// <summary>An error whose text may quote a secret, so only its code is told.</summary>
    internal static RespServerException Redacted(string text, string what)
    {
        string code = CodeOf(text);
        return new RespServerException(code, $"{what} ({code})");
    }

    internal static string CodeOf(string text)
    {
        int space = text.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? text : text[..space];
    }
}
