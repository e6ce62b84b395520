using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cmdlets.Service;

/// <summary>A cmdlet that asks about a service, or waits for it, and changes nothing: each service of the pipeline for itself.</summary>
public abstract class ReadCommand : ServiceCommand
{
    /// <summary>Asks, and writes the answer.</summary>
    private protected abstract void Read(UpgradeRequest request);

    /// <summary>Handles one service.</summary>
    protected sealed override void ProcessRecord() => Read(CreateRequest());

    /// <summary>Runs an operation of the service bound now.</summary>
    private protected T Run<T>(Func<IReporter, CancellationToken, Task<T>> work) =>
        Run(Cluster is not null ? Cluster : ServiceName, work);
}
