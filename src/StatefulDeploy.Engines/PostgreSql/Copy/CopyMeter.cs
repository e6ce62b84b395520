namespace StatefulDeploy.Engines.PostgreSql.Copy;

/// <summary>How much of a copy is done, in bytes on the source's disk: rows count as they arrive, indexes as each is made.</summary>
internal sealed class CopyMeter
{
    private long _done;

    /// <summary>All there is to do.</summary>
    public long Total { get; set; }

    /// <summary>What is done.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>What a physical copy is at; empty for a copy of rows, and at the end.</summary>
    public string Stage { get; set; } = string.Empty;

    /// <summary>More is done; or less, when something is to be done again.</summary>
    public void Add(long bytes) => Interlocked.Add(ref _done, bytes);

    /// <summary>So much is done, as somebody else has counted it; no more than there is to do.</summary>
    public void Reach(long bytes) => Interlocked.Exchange(ref _done, Math.Min(bytes, Total));

    /// <summary>A new start: what is done already is counted again.</summary>
    public void Reset() => Interlocked.Exchange(ref _done, 0);
}
