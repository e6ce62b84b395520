using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard.Remote;

/// <summary>The platform as the guard sees it from the machine of blue's writer: that host is this machine, and all others, and the router, are reached through whoever runs the upgrade.</summary>
internal sealed class WriterPlatform(IPlatform real, string here, ClientHosts clients) : IPlatform
{
    public IReadOnlyList<IEngine> Engines => real.Engines;

    public IReadOnlyList<IVolumeProvider> CreateVolumeProviders(ServiceDescription service, VolumeConsent consent, IReporter reporter) =>
        real.CreateVolumeProviders(service, consent, reporter);

    public IOwnProgram OwnProgram { get; } = new ClientProgram();

    /// <summary>The service as it was sent here.</summary>
    public ServiceDescription ReadService(string path) => ReadDocument(path);

    public IReadOnlyList<string> FindStateFolders() => [];

    public IHostDirectory CreateHosts(ServiceDescription service) => new HostsFromHere(real.CreateHosts(service)["local"], here, clients);

    public ISecrets CreateSecrets(ServiceDescription service) => real.CreateSecrets(service);

    public IRouter CreateRouter(ServiceDescription service) => new ClientRouter(service.Router, clients);

    /// <summary>Reads the document that was sent in place of a service file.</summary>
    /// <exception cref="UpgradeException">There is none, or it is damaged.</exception>
    public static ServiceDescription ReadDocument(string path)
    {
        try
        {
            return ModelJson.Read<ServiceDescription>(File.ReadAllText(path));
        }
        catch (Exception error) when (error is System.Text.Json.JsonException or IOException or UnauthorizedAccessException)
        {
            throw new UpgradeException("GuardFileDamaged", $"'{path}' cannot be read: {error.Message}", "Resume the upgrade on the machine that it is run on: it is sent again.", FailureCategory.Damaged, error) { Target = path };
        }
    }

    private sealed class HostsFromHere(IHost local, string here, ClientHosts clients) : IHostDirectory
    {
        private readonly IHost _here = here == local.Name ? local : new NamedHost(local, here);

        public IHost this[string name] => name == here ? _here : new ClientHost(name, clients);
    }
}
