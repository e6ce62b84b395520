using StatefulDeploy.Contracts;

namespace StatefulDeploy.Volumes.Tests.Stage;

/// <summary>Nobody is told.</summary>
internal sealed class Silence : IReporter
{
    public void Report(ReportEvent reportEvent)
    {
    }
}
