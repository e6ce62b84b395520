namespace StatefulDeploy.Protocols.Resp;

/// <summary>The other side sent bytes that are not RESP, or a part of RESP that is refused here (streamed values). The connection cannot be used any more.</summary>
public sealed class RespProtocolException : IOException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was wrong. It never carries payload bytes, which may be secret.</param>
    public RespProtocolException(string message)
        : base(message)
    {
    }
}
