namespace StatefulDeploy.Engines.PostgreSql.Copy;

/// <summary>A table whose rows are copied.</summary>
/// <param name="Name">Schema and name, quoted.</param>
/// <param name="Columns">The columns that hold values of their own, quoted, with commas; empty for a table without any.</param>
/// <param name="IsBinary">Whether all its columns mean the same in binary on both servers, whatever their versions.</param>
/// <param name="FileNode">Its file on the source: another one means that its rows have moved.</param>
/// <param name="Blocks">The blocks of its heap.</param>
/// <param name="Bytes">Its size on disk with what is stored beside the rows, without indexes.</param>
internal sealed record CopyTable(string Name, string Columns, bool IsBinary, uint FileNode, long Blocks, long Bytes)
{
    /// <summary>Its parts of about a size, each a range of blocks; the last one has no end, for the table may have grown.</summary>
    public IEnumerable<CopyPart> Split(long partBytes)
    {
        int count = (int)Math.Clamp(Bytes / partBytes, 1, Math.Max(1, Blocks));
        for (int part = 0; part < count; part++)
        {
            long from = Blocks * part / count;
            yield return new CopyPart(this, part, count, from, part == count - 1 ? null : Blocks * (part + 1) / count);
        }
    }
}
