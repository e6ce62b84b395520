using StatefulDeploy.Contracts;

namespace StatefulDeploy.Rehearsal;

/// <summary>Nobody is told of a rehearsal.</summary>
internal sealed class StageReporter : IReporter
{
    public void Report(ReportEvent reportEvent)
    {
    }
}
