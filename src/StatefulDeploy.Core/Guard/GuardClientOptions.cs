using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard;

/// <summary>How a client finds, and if need be starts, the guard of a service.</summary>
public sealed record GuardClientOptions
{
    /// <summary>The service.</summary>
    public required ServiceDescription Service { get; init; }

    /// <summary>How to start our own program.</summary>
    public required IOwnProgram OwnProgram { get; init; }

    /// <summary>The host on which the guard runs: the writer's.</summary>
    public required IHost Host { get; init; }

    /// <summary>All hosts, for a guard on another machine that does not reach them; null where the guard runs on this one.</summary>
    public IHostDirectory? Hosts { get; init; }

    /// <summary>The router, for a guard on another machine; null where the guard runs on this one.</summary>
    public Func<IRouter>? CreateRouter { get; init; }

    /// <summary>What this machine is called in the service file, when the upgrade is run on another one; null when it is run here.</summary>
    public string? Here { get; init; }

    /// <summary>The upgrade on whose behalf.</summary>
    public required string UpgradeId { get; init; }

    /// <summary>How long any call may take, starting the guard anew included.</summary>
    public TimeSpan CallLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A guard that does not answer a greeting for this long hangs: it is killed, and a new one goes on from its files.</summary>
    public TimeSpan HangLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The lease is renewed this often.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Where it is told that the guard was started or replaced.</summary>
    public IReporter? Reporter { get; init; }
}
