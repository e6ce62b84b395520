namespace StatefulDeploy.Protocols.Resp;

/// <summary>A connection could not be made, or broke. A command that was under way is indeterminate: it may have been executed or not.</summary>
public sealed class RespConnectionException : IOException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened, with the endpoint.</param>
    /// <param name="inner">The cause.</param>
    public RespConnectionException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
