using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard.Host;

/// <summary>What was told, in one line.</summary>
public sealed class ToldLines : IReporter
{
    private readonly List<string> _lines = [];

    public void Report(ReportEvent reportEvent) => _lines.Add(reportEvent.Message);

    public override string ToString() => string.Join(' ', _lines);
}
