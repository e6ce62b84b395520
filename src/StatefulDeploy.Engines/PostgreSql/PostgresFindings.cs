using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>What a comparison has found until now.</summary>
internal sealed class PostgresFindings(int most)
{
    private const int Shown = 80;
    private readonly List<DataDifference> _details = [];

    /// <summary>Rows looked at.</summary>
    public long Rows { get; set; }

    /// <summary>How many differ.</summary>
    public long Count { get; private set; }

    /// <summary>The first of them.</summary>
    public IReadOnlyList<DataDifference> Details => _details;

    /// <summary>One more difference.</summary>
    public void Add(PostgresTable table, string key, string kind, string source, string target)
    {
        Count++;
        if (_details.Count < most)
        {
            _details.Add(new DataDifference($"{table.Database}: {table.Name} {key}".TrimEnd(), kind, Shorten(source), Shorten(target)));
        }
    }

    private static string Shorten(string text) => text.Length <= Shown ? text : text[..Shown] + "…";
}
