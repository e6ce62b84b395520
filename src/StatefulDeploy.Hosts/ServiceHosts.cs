using StatefulDeploy.Contracts;
using StatefulDeploy.Hosts.Local;
using StatefulDeploy.Hosts.OpenSsh;
using StatefulDeploy.Model;

namespace StatefulDeploy.Hosts;

/// <summary>The hosts of a service: this machine, named <c>local</c>, and those that its file describes.</summary>
public sealed class ServiceHosts : IHostDirectory
{
    private readonly Dictionary<string, IHost> _hosts;

    /// <param name="service">The service.</param>
    public ServiceHosts(ServiceDescription service)
    {
        ArgumentNullException.ThrowIfNull(service);
        var local = new LocalHost();
        _hosts = service.Hosts.Values.Select(Reach).Prepend(local).ToDictionary(host => host.Name, StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public IHost this[string name] => _hosts.TryGetValue(name, out var host) ? host : throw new UpgradeException(
        "UnknownHost",
        $"There is no host '{name}'. Known are: {string.Join(", ", _hosts.Keys)}.",
        "Describe it under 'hosts' in the service file, or name 'local', which is this machine.",
        FailureCategory.NotFound) { Target = name };

    private static IHost Reach(HostDescription host) => new OpenSshHost(new SshHostOptions
    {
        Name = host.Name, Destination = host.Ssh, ConfigFile = host.ConfigFile, Sudo = host.Sudo, Sessions = host.Sessions,
    });
}
