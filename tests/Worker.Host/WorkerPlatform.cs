using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.PostgreSql;
using StatefulDeploy.Engines.Redis;
using StatefulDeploy.Guard;
using StatefulDeploy.Hosts.Local;
using StatefulDeploy.Model;

namespace StatefulDeploy.Worker.Host;

/// <summary>As much of a platform as the workers of engines use.</summary>
public sealed class WorkerPlatform : IPlatform, IOwnProgram
{
    public IReadOnlyList<IEngine> Engines { get; } = [RedisEngine.CreateRedis(), RedisEngine.CreateValkey(), new PostgreSqlEngine()];

    public IOwnProgram OwnProgram => this;

    public HostCommand Command(params IReadOnlyList<string> arguments) => throw new NotSupportedException();

    public ServiceDescription ReadService(string path) => throw new NotSupportedException();

    public IReadOnlyList<string> FindStateFolders() => [];

    public IHostDirectory CreateHosts(ServiceDescription service) => new LocalHosts();

    public ISecrets CreateSecrets(ServiceDescription service) => new SecretStore(service);

    public IRouter CreateRouter(ServiceDescription service) => throw new NotSupportedException();
}
