using System.Collections.Concurrent;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Workflow.Shards;

/// <summary>How far a whole service is: the mean of its shards.</summary>
/// <param name="shards">How many there are.</param>
internal sealed class ShardProgress(int shards)
{
    private readonly ConcurrentDictionary<string, double> _percents = new(StringComparer.Ordinal);

    /// <summary>Tells it, after a shard has come to a percentage.</summary>
    internal void Report(string shard, double percent, IReporter reporter)
    {
        _percents[shard] = percent;
        var done = _percents.Values.Count(value => value >= 100);
        reporter.Report(new ReportEvent(ReportLevel.Progress, $"{done} of {shards} shards") { Percent = _percents.Values.Sum() / shards });
    }
}
