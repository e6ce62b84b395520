using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard;

/// <summary>How a client comes to the guard of a service: on this machine, or on the machine of blue's writer.</summary>
internal interface IGuardWay
{
    /// <summary>The service as the guard is to know it; null when it reads the service file itself.</summary>
    ServiceDescription? Service { get; }

    /// <summary>Lays ready what the guard needs, again when it has changed.</summary>
    /// <exception cref="UpgradeException">The host cannot be reached, or refuses.</exception>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>A connection to a guard that has just answered: the one that is there, or a new one.</summary>
    /// <exception cref="UpgradeException">None could be started or reached, or one that hangs cannot be killed.</exception>
    Task<GuardConnection> ConnectAsync(CancellationToken cancellationToken);

    /// <summary>Whether the guard behind a connection that waits for a reply lives.</summary>
    Task<bool> AnswersAsync(GuardConnection connection, CancellationToken cancellationToken);

    /// <summary>The upgrade has ended: what was laid ready and is secret is taken away.</summary>
    Task ForgetAsync(CancellationToken cancellationToken);

    /// <summary>The way to the guard of a service.</summary>
    static IGuardWay To(GuardClientOptions options) => options.Host is IRemoteHost host ? new Remote.RemoteGuard(options, host) : new GuardStarter(options);
}
