using StatefulDeploy.Composition;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Volumes.Tests.Stage;

/// <summary>The product's platform, with a service and hosts of the test's own.</summary>
internal sealed class VolumePlatform(ServiceDescription service, params IReadOnlyList<IHost> hosts) : IPlatform, IHostDirectory
{
    private readonly IPlatform _real = Platform.Create();

    public IReadOnlyList<IEngine> Engines => _real.Engines;

    public IReadOnlyList<IVolumeProvider> CreateVolumeProviders(ServiceDescription service, VolumeConsent consent, IReporter reporter) =>
        _real.CreateVolumeProviders(service, consent, reporter);

    public IOwnProgram OwnProgram => _real.OwnProgram;

    public IHost this[string name] => hosts.Single(host => host.Name == name);

    public ServiceDescription ReadService(string path) => service;

    public IReadOnlyList<string> FindStateFolders() => [];

    public IHostDirectory CreateHosts(ServiceDescription service) => this;

    public ISecrets CreateSecrets(ServiceDescription service) => _real.CreateSecrets(service);

    public IRouter CreateRouter(ServiceDescription service) => _real.CreateRouter(service);
}
