using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Rehearsal;

/// <summary>A platform whose engine and router do nothing.</summary>
internal sealed class StagePlatform(IPlatform real, ServiceDescription service) : IPlatform
{
    public IReadOnlyList<IEngine> Engines { get; } = [new StageEngine()];

    public IOwnProgram OwnProgram => real.OwnProgram;

    public ServiceDescription ReadService(string path) => service;

    public IReadOnlyList<string> FindStateFolders() => [];

    public IHostDirectory CreateHosts(ServiceDescription description) => real.CreateHosts(description);

    public ISecrets CreateSecrets(ServiceDescription description) => real.CreateSecrets(description);

    public IRouter CreateRouter(ServiceDescription description) => new StageRouter();
}
