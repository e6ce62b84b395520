using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.Redis;
using StatefulDeploy.Guard;
using StatefulDeploy.Hosts.Local;
using StatefulDeploy.Model;

namespace StatefulDeploy.Relay.Host;

/// <summary>As much of a platform as a relay uses.</summary>
public sealed class RelayPlatform : IPlatform
{
    public IReadOnlyList<IEngine> Engines { get; } = [RedisEngine.Redis, RedisEngine.Valkey];

    public IOwnProgram OwnProgram => throw new NotSupportedException();

    public ServiceDescription ReadService(string path) => throw new NotSupportedException();

    public IReadOnlyList<string> FindStateFolders() => [];

    public IHostDirectory CreateHosts(ServiceDescription service) => new LocalHosts();

    public ISecrets CreateSecrets(ServiceDescription service) => new SecretStore(service);

    public IRouter CreateRouter(ServiceDescription service) => throw new NotSupportedException();
}
