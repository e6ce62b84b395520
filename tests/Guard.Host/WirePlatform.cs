using StatefulDeploy.Contracts;
using StatefulDeploy.Hosts.Local;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard.Host;

/// <summary>What the guard needs, with pretended nodes and router; the hosts, the processes and the disk are real.</summary>
public sealed class WirePlatform : IPlatform, IOwnProgram
{
    public IReadOnlyList<IEngine> Engines { get; } = [new WireEngine()];

    public IOwnProgram OwnProgram => this;

    public HostCommand Command(params IReadOnlyList<string> arguments) =>
        new("dotnet", ["exec", typeof(WirePlatform).Assembly.Location, .. arguments]);

    public ServiceDescription ReadService(string path) => ModelJson.Read<ServiceDescription>(File.ReadAllText(path));

    public IReadOnlyList<string> FindStateFolders() => [];

    public IHostDirectory CreateHosts(ServiceDescription service) => new LocalHosts();

    public ISecrets CreateSecrets(ServiceDescription service) => new SecretStore(service);

    public IRouter CreateRouter(ServiceDescription service) => new WireRouter(service);
}
