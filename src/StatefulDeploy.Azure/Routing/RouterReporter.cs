using StatefulDeploy.Contracts;

namespace StatefulDeploy.Azure.Routing;

/// <summary>For a router, whose steps the workflow tells: only what a person must do, such as to type a code, goes to standard error.</summary>
internal sealed class RouterReporter : IReporter
{
    public static RouterReporter Instance { get; } = new();

    public void Report(ReportEvent reportEvent)
    {
        if (reportEvent.Level is ReportLevel.Information or ReportLevel.Warning)
            Console.Error.WriteLine(reportEvent.Message);
    }
}
