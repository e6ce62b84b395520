using StatefulDeploy.Contracts;

namespace StatefulDeploy.Azure.Routing;

/// <summary>For what has nobody to tell: a router's steps are the workflow's, which tells them.</summary>
internal sealed class SilentReporter : IReporter
{
    public static SilentReporter Instance { get; } = new();

    public void Report(ReportEvent reportEvent)
    {
        // Nobody listens.
    }
}
