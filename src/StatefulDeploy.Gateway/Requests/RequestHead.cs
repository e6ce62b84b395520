namespace StatefulDeploy.Gateway.Requests;

/// <summary>What is known of a request from its first bytes.</summary>
internal ref struct RequestHead
{
    /// <summary>Bytes of the whole request; of a partial one, those seen.</summary>
    public int Length;

    /// <summary>The number of words; 0 for an empty line, which is no request.</summary>
    public int Words;

    /// <summary>The command's name; empty as long as it is not there whole.</summary>
    public ReadOnlySpan<byte> Name;

    /// <summary>The word after the name; empty as long as it is not there whole, or where there is none.</summary>
    public ReadOnlySpan<byte> Second;

    /// <summary>How many words are there whole.</summary>
    public int WordsSeen;

    /// <summary>Of a partial request, the bytes known to be missing.</summary>
    public long Missing;

    /// <summary>Whether it came as words on a line.</summary>
    public bool IsInline;

    /// <summary>Of an invalid request, what to tell the client.</summary>
    public string? Error;
}
