using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Machines;

/// <summary>The hosts of a service, some of which are not made yet: what is asked before an upgrade is asked of the others.</summary>
internal sealed class HostsToCome(IHostDirectory hosts, IReadOnlyCollection<string> unmade) : IHostDirectory
{
    public IHost this[string name] => unmade.Contains(name) ? new HostToCome(name) : hosts[name];

    /// <summary>The hosts of a service as they are now.</summary>
    public static async Task<IHostDirectory> FindAsync(IPlatform platform, ServiceDescription service, IReporter reporter, CancellationToken cancellationToken)
    {
        var hosts = platform.CreateHosts(service);
        return platform.CreateMachineProvider(service, reporter) is { } machines && await machines.FindUnmadeAsync(cancellationToken) is { Count: > 0 } unmade
            ? new HostsToCome(hosts, unmade)
            : hosts;
    }
}
