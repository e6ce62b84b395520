using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Guard;
using StatefulDeploy.Model;

namespace StatefulDeploy.Upgrade.Host;

/// <summary>The product's platform, but for a guard whose fence on blue is a lie: it says that it closes, and does not.</summary>
internal sealed class UnfencedPlatform(IPlatform inner) : IPlatform
{
    private const string GuardName = "unfenced-guard";

    public IReadOnlyList<IEngine> Engines { get; } = [.. inner.Engines.Select(engine => new UnfencedEngine(engine))];

    public IOwnProgram OwnProgram { get; } = new OwnProgramWithUnfencedGuard(inner.OwnProgram);

    /// <summary>The guard's process, if that is what the arguments ask for.</summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "MA0022", Justification = "No task means that the guard was not asked for.")]
    public static Task<int>? FindGuard(string[] arguments) => arguments is [GuardName, .. var rest]
        ? GuardProgram.RunAsync(GuardOptions.Parse(rest), new UnfencedPlatform(Composition.Platform.Create()), CancellationToken.None)
        : null;

    public IPlatform ForAnother() => new UnfencedPlatform(inner.ForAnother());

    public ServiceDescription ReadService(string path) => inner.ReadService(path);

    public IReadOnlyList<string> FindStateFolders() => inner.FindStateFolders();

    public IJournalStore OpenJournals(ServiceDescription? service, string? place, TimeProvider clock) => inner.OpenJournals(service, place, clock);

    public IHostDirectory CreateHosts(ServiceDescription service) => inner.CreateHosts(service);

    public ISecrets CreateSecrets(ServiceDescription service) => inner.CreateSecrets(service);

    public IRouter CreateRouter(ServiceDescription service) => inner.CreateRouter(service);

    private sealed class OwnProgramWithUnfencedGuard(IOwnProgram inner) : IOwnProgram
    {
        public HostCommand Command(params IReadOnlyList<string> arguments)
        {
            var command = inner.Command(arguments);
            return arguments[0] == "guard"
                ? new HostCommand(command.Program, ["exec", typeof(UnfencedPlatform).Assembly.Location, GuardName, .. arguments.Skip(1)])
                : command;
        }
    }
}
