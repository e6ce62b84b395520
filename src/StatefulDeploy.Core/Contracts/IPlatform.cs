using StatefulDeploy.Journal;
using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>Everything that Core needs and does not have itself: put together in one place, the composition.</summary>
public interface IPlatform
{
    /// <summary>All engines.</summary>
    IReadOnlyList<IEngine> Engines { get; }

    /// <summary>What attaches and detaches the volumes of a service, one for each kind, for one use; the caller disposes of those that can be.</summary>
    IReadOnlyList<IVolumeProvider> CreateVolumeProviders(ServiceDescription service, VolumeConsent consent, IReporter reporter) => [];

    /// <summary>Azure itself: who is signed in there, and what is left.</summary>
    IAzureOperations Azure => throw new NotSupportedException();

    /// <summary>What makes the machines of green, for one use; null where they are there anyway.</summary>
    IMachineProvider? CreateMachineProvider(ServiceDescription service, IReporter reporter) => null;

    /// <summary>How to start our own program.</summary>
    IOwnProgram OwnProgram { get; }

    /// <summary>Reads and checks a service file.</summary>
    /// <exception cref="UpgradeException">It cannot be read, or is wrong: the message names file, line and key.</exception>
    ServiceDescription ReadService(string path);

    /// <summary>The state folders of the services that were upgraded on this machine and keep them in the default place.</summary>
    IReadOnlyList<string> FindStateFolders();

    /// <summary>The journals of a service, or those at a place that is named.</summary>
    /// <param name="service">The service: what it says of its journals, and how they are reached; null when only the place is known.</param>
    /// <param name="place">A folder or the address of a shared journal, instead of what the service says; null for the service's own.</param>
    /// <param name="clock">The clock.</param>
    /// <exception cref="UpgradeException">The place is none, or a secret that is needed for it is missing.</exception>
    IJournalStore OpenJournals(ServiceDescription? service, string? place, TimeProvider clock) =>
        new JournalFolder(place ?? service?.StateDirectory ?? throw new ArgumentNullException(nameof(place)), clock);

    /// <summary>The hosts of a service.</summary>
    IHostDirectory CreateHosts(ServiceDescription service);

    /// <summary>The secrets of a service on this machine.</summary>
    ISecrets CreateSecrets(ServiceDescription service);

    /// <summary>The router of a service, for one use; the caller disposes of it.</summary>
    IRouter CreateRouter(ServiceDescription service);

    /// <summary>A platform like this one for another upgrade at the same time: engines keep what a window needs, and two windows share none of it.</summary>
    IPlatform ForAnother() => this;

    /// <summary>The engine of that name.</summary>
    /// <exception cref="UpgradeException">There is none; the message lists those that there are.</exception>
    IEngine FindEngine(string name) => Engines.FirstOrDefault(engine => string.Equals(engine.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new UpgradeException("UnknownEngine", $"There is no engine '{name}'.", $"Use one of: {string.Join(", ", Engines.Select(engine => engine.Name))}.", FailureCategory.InvalidInput) { Target = name };
}
