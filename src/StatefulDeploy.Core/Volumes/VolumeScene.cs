using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Volumes;

/// <summary>A service with all nodes, hosts and providers of its volumes.</summary>
internal sealed record VolumeScene : IDisposable
{
    /// <summary>The service.</summary>
    internal required ServiceDescription Service { get; init; }

    /// <summary>The nodes of blue, and of green as far as it is described or planned.</summary>
    internal required IReadOnlyList<Node> Nodes { get; init; }

    /// <summary>The hosts by name.</summary>
    internal required IHostDirectory Hosts { get; init; }

    /// <summary>The kinds of volumes.</summary>
    internal required IReadOnlyList<IVolumeProvider> Providers { get; init; }

    /// <summary>Ends the use of the providers.</summary>
    public void Dispose()
    {
        foreach (var provider in Providers.OfType<IDisposable>())
        {
            provider.Dispose();
        }
    }

    /// <summary>The names of the hosts on which nodes are, each once.</summary>
    internal IReadOnlyList<string> HostNames => [.. Nodes.Select(node => node.Host).Distinct(StringComparer.Ordinal)];

    /// <summary>The volume of that name.</summary>
    /// <exception cref="UpgradeException">There is none.</exception>
    internal VolumeDescription Volume(string name) => Service.Volumes.FirstOrDefault(volume => volume.Name == name)
        ?? throw new UpgradeException("VolumeUnknown", $"Service '{Service.Name}' has no volume '{name}'.", Service.Volumes.Count > 0 ? $"Use one of: {string.Join(", ", Service.Volumes.Select(volume => volume.Name))}." : "Describe it under 'volumes' in the service file.", FailureCategory.NotFound) { Target = name };

    /// <summary>The node of that name.</summary>
    /// <exception cref="UpgradeException">There is none.</exception>
    internal Node Node(string name) => Nodes.FirstOrDefault(node => node.Name == name)
        ?? throw new UpgradeException("NodeNotInCluster", $"Service '{Service.Name}' has no node '{name}'.", $"Use one of: {string.Join(", ", Nodes.Select(node => node.Name))}.", FailureCategory.NotFound) { Target = name };

    /// <summary>The name of the host on which the node of a volume is.</summary>
    internal string HostOf(VolumeDescription volume) => Node(volume.Node).Host;

    /// <summary>The provider of a volume.</summary>
    /// <exception cref="UpgradeException">There is none of that kind.</exception>
    internal IVolumeProvider ProviderOf(VolumeDescription volume) => Providers.FirstOrDefault(provider => provider.Kind == volume.Provider)
        ?? throw new UpgradeException("UnknownVolumeProvider", $"Volume '{volume.Name}' is of the kind '{volume.Provider}', which is not known.", $"Use one of: {string.Join(", ", Providers.Select(provider => provider.Kind))}.", FailureCategory.InvalidInput) { Target = volume.Name };
}
