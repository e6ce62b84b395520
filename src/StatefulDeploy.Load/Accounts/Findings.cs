namespace StatefulDeploy.Load.Accounts;

/// <summary>The first few things that went wrong, in words.</summary>
internal sealed class Findings
{
    private const int Most = 20;
    private readonly object _gate = new();
    private readonly List<string> _texts = [];

    public void Add(FormattableString text)
    {
        lock (_gate)
        {
            if (_texts.Count < Most)
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
