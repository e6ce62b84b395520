using StatefulDeploy.Contracts;

namespace StatefulDeploy.Workflow.Shards;

/// <summary>Tells what an operation on a shard tells, with the shard, and how far the whole is.</summary>
internal sealed class ShardReporter(IReporter reporter, string shard, ShardProgress whole) : IReporter
{
    public void Report(ReportEvent reportEvent)
    {
        reporter.Report(reportEvent with { Shard = shard });
        if (reportEvent.Percent is { } percent)
        {
            whole.Report(shard, percent, reporter);
        }
    }
}
