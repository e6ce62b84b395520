namespace StatefulDeploy.Load.Accounts;

/// <summary>The first few things of each sort that went wrong, in words: a thousand dropped connections do not hide one lost write.</summary>
internal sealed class Findings
{
    private const int MostOfASort = 5;
    private readonly object _gate = new();
    private readonly List<string> _texts = [];
    private readonly Dictionary<string, int> _sorts = new(StringComparer.Ordinal);

    public void Add(FormattableString text)
    {
        lock (_gate)
        {
            var sort = text.Format;
            var count = _sorts[sort] = _sorts.GetValueOrDefault(sort) + 1;
            if (count <= MostOfASort)
            {
                _texts.Add(FormattableString.Invariant(text));
            }
        }
    }

    public IReadOnlyList<string> ToList()
    {
        lock (_gate)
        {
            return [.. _texts];
        }
    }
}
