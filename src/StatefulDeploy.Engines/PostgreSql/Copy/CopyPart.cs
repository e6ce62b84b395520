namespace StatefulDeploy.Engines.PostgreSql.Copy;

/// <summary>What one session copies at a time: a table, or a range of its blocks.</summary>
/// <param name="Table">The table.</param>
/// <param name="Number">Its number in the table, from 0.</param>
/// <param name="Count">How many parts the table has.</param>
/// <param name="From">The first block.</param>
/// <param name="To">The block after the last one; null for the rest.</param>
internal sealed record CopyPart(CopyTable Table, int Number, int Count, long From, long? To)
{
    /// <summary>Its share of the table's size on disk.</summary>
    public long Bytes => Table.Bytes / Count;

    /// <summary>The statement that reads it on the source.</summary>
    public string Read => Count == 1
        ? $"COPY {Table.Name}{List} TO STDOUT{Format}"
        : $"COPY (SELECT {Table.Columns} FROM ONLY {Table.Name} WHERE ctid >= '({From},0)'{(To is { } to ? $" AND ctid < '({to},0)'" : string.Empty)}) TO STDOUT{Format}";

    /// <summary>The statement that writes it on the target.</summary>
    public string Write => $"COPY {Table.Name}{List} FROM STDIN{Format}";

    private string List => Table.Columns.Length == 0 ? string.Empty : $" ({Table.Columns})";

    private string Format => Table.IsBinary ? " (FORMAT binary)" : string.Empty;
}
