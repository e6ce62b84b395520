using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.RespFamily.Comparison;

/// <summary>How far a comparison has come: what its checkpoint file holds.</summary>
internal sealed record ComparisonProgress
{
    /// <summary>Version of this form.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>The servers' runs, all of them: cursors of another run mean nothing.</summary>
    public string Runs { get; init; } = string.Empty;

    /// <summary>The shard under way.</summary>
    public int Shard { get; init; }

    /// <summary>Whether target is scanned for keys that source does not have; first source is scanned.</summary>
    public bool LooksForExtras { get; init; }

    /// <summary>The database under way; those below it are done.</summary>
    public int Database { get; init; }

    /// <summary>Where the scan goes on.</summary>
    public string Cursor { get; init; } = "0";

    /// <summary>Keys of source looked at.</summary>
    public long Compared { get; init; }

    /// <summary>Keys looked at in target for extras.</summary>
    public long Extras { get; init; }

    /// <summary>How many differ.</summary>
    public long Differences { get; init; }

    /// <summary>The first of them.</summary>
    public IReadOnlyList<DataDifference> Details { get; init; } = [];

    /// <summary>Time spent in earlier runs of this comparison.</summary>
    public TimeSpan Elapsed { get; init; }
}
