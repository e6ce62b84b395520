namespace StatefulDeploy.Contracts;

/// <summary>Where an operation tells what it does. Never blocks and never throws.</summary>
public interface IReporter
{
    /// <summary>Tells one thing.</summary>
    void Report(ReportEvent reportEvent);
}
