using StatefulDeploy.Contracts;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>Tells a test's output what an operation tells its operator.</summary>
internal sealed class TestReporter(ITestOutputHelper output) : IReporter
{
    public void Report(ReportEvent reportEvent)
    {
        if (reportEvent.Level != ReportLevel.Progress)
        {
            output.WriteLine($"{reportEvent.Level} {reportEvent.Step}: {reportEvent.Message}");
        }
    }
}
