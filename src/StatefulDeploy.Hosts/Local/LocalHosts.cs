using StatefulDeploy.Contracts;

namespace StatefulDeploy.Hosts.Local;

/// <summary>The hosts of a service that lives on this machine alone: one, named <c>local</c>.</summary>
public sealed class LocalHosts : IHostDirectory
{
    private readonly LocalHost _local = new();

    /// <inheritdoc/>
    public IHost this[string name] => name == _local.Name ? _local : throw new UpgradeException(
        "UnknownHost",
        $"There is no host '{name}': only '{_local.Name}', this machine, is known.",
        $"Name '{_local.Name}' as the node's host in the service file.",
        FailureCategory.NotFound) { Target = name };
}
