using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard;

/// <summary>Tells a log what an operation tells, but for how far it has come.</summary>
internal sealed class LogReporter(GuardLog log) : IReporter
{
    public void Report(ReportEvent reportEvent)
    {
        if (reportEvent.Level != ReportLevel.Progress)
            log.Write($"{reportEvent.Level}: {reportEvent.Message}");
    }
}
