using StatefulDeploy.Cmdlets.Loading;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cmdlets.Service;

/// <summary>A cmdlet about volumes or snapshots of a service: each object of the pipeline for itself.</summary>
public abstract class VolumeCommand : ServiceCommand
{
    private protected static IVolumeOperations Volumes => Product.Volumes;

    /// <summary>What is asked for the objects bound now.</summary>
    private protected abstract VolumeRequest CreateVolumeRequest(UpgradeRequest service);

    /// <summary>Does it, and writes the result.</summary>
    private protected abstract void Handle(VolumeRequest request);

    /// <summary>Handles one object.</summary>
    protected sealed override void ProcessRecord() => Handle(CreateVolumeRequest(CreateRequest()));

    /// <summary>Runs an operation of the service bound now.</summary>
    private protected T Run<T>(Func<IReporter, CancellationToken, Task<T>> work) =>
        Run(Cluster is not null ? Cluster : ServiceName, work);

    /// <summary>Asks whether to go on; <c>-WhatIf</c> shows the lines.</summary>
    private protected bool IsAgreed(string description, bool unasked = false, Func<IEnumerable<string>>? preview = null) =>
        IsAgreed(description, unasked, Cluster is not null ? Cluster : ServiceName, () =>
        {
            foreach (var line in preview?.Invoke() ?? [])
            {
                Show(line);
            }
        });
}
