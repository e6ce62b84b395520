using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Engines.PostgreSql.Comparison;

/// <summary>What a comparison has done and found until now, written down from time to time so that one that is stopped goes on. Many sessions write in it.</summary>
internal sealed class ComparisonLedger
{
    private const int Shown = 80;
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(2);

    private readonly object _turn = new();
    private readonly ComparisonOptions _options;
    private readonly IReporter _reporter;
    private readonly TimeProvider _clock;
    private readonly long _started;
    private readonly ComparedRange[] _ranges;
    private readonly List<DataDifference> _details;
    private readonly ComparisonProgress _before;
    private long _rows;
    private long _differences;
    private long _saved;

    /// <summary>One that goes on from a progress.</summary>
    public ComparisonLedger(ComparisonProgress progress, ComparisonOptions options, IReporter reporter, TimeProvider clock)
    {
        _reporter = reporter;
        _before = progress;
        _options = options;
        _clock = clock;
        _started = _saved = clock.GetTimestamp();
        _ranges = [.. progress.Ranges];
        _details = [.. progress.Details];
        _rows = progress.Rows;
        _differences = progress.Differences;
    }

    /// <summary>The numbers of the ranges that are not compared yet.</summary>
    public IReadOnlyList<int> Open => [.. Enumerable.Range(0, _ranges.Length).Where(number => !_ranges[number].IsDone)];

    /// <summary>A range as far as it has come.</summary>
    public ComparedRange this[int number] => _ranges[number];

    /// <summary>What was kept of an earlier run with the same two servers; null when nothing was.</summary>
    public static ComparisonProgress? Load(ComparisonOptions options, string servers)
    {
        if (options.CheckpointFile is not { } file || !File.Exists(file))
        {
            return null;
        }

        try
        {
            ComparisonProgress saved = ModelJson.Read<ComparisonProgress>(File.ReadAllText(file));
            return saved.Schema == 1 && saved.Servers == servers ? saved : null;
        }
        catch (System.Text.Json.JsonException)
        {
            return null; // A torn or foreign file is no progress.
        }
    }

    /// <summary>One more difference, in a range that is under way.</summary>
    public static DataDifference Difference(ComparedTable table, string key, string kind, string source, string target) =>
        new($"{table.Database}: {table.Name} {key}".TrimEnd(), kind, Shorten(source), Shorten(target));

    /// <summary>A range has come so far, and this was found on the way: both is kept together, so that neither is lost or counted twice.</summary>
    public void Advance(int number, ComparedRange range, long rows, IReadOnlyCollection<DataDifference> found)
    {
        lock (_turn)
        {
            _ranges[number] = range;
            _rows += rows;
            _differences += found.Count;
            _details.AddRange(found.Take(Math.Max(0, _options.MaxDifferences - _details.Count)));
            if (_clock.GetElapsedTime(_saved) > SaveEvery)
            {
                _reporter.Report(new ReportEvent(ReportLevel.Progress, $"{_rows:N0} rows compared, {_differences:N0} differ") { Percent = 100.0 * _ranges.Count(one => one.IsDone) / _ranges.Length });
                Save();
            }
        }
    }

    /// <summary>Keeps how far it has come.</summary>
    public void Save()
    {
        lock (_turn)
        {
            _saved = _clock.GetTimestamp();
            if (_options.CheckpointFile is { } file)
            {
                DurableFile.Replace(file, ModelJson.Write(_before with { Ranges = [.. _ranges], Rows = _rows, Differences = _differences, Details = [.. _details], Elapsed = Elapsed }));
            }
        }
    }

    /// <summary>The result; what was kept is removed.</summary>
    public ComparisonResult Finish()
    {
        if (_options.CheckpointFile is { } file)
        {
            File.Delete(file);
        }

        return new ComparisonResult(_rows, _differences, _details, Elapsed);
    }

    private TimeSpan Elapsed => _before.Elapsed + _clock.GetElapsedTime(_started);

    private static string Shorten(string text) => text.Length <= Shown ? text : text[..Shown] + "…";
}
