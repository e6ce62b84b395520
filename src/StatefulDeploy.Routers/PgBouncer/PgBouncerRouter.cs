using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Routers.Instances;

namespace StatefulDeploy.Routers.PgBouncer;

/// <summary>
/// Any number of PgBouncers before one cluster: a hold is <c>PAUSE</c>, a switch is the configuration rewritten, <c>RELOAD</c> and <c>RESUME</c>.
/// A pause has no end of its own: the guard ends the hold with the window.
/// </summary>
public static class PgBouncerRouter
{
    /// <summary>The name of the kind.</summary>
    public const string Kind = "pgbouncer";

    private const string PoolMode = "poolMode";
    private const string Session = "session";

    private static readonly RouterPromise Transactions = new(
        KeepsConnections: true,
        ReadsGoOn: false,
        HoldsWrites: true,
        ExpectedGap: TimeSpan.FromMilliseconds(150),
        "PgBouncer cannot tell reads from writes: both wait from the hold to the switch, and none fails. A transaction that is open longer than the grace time is ended with its client's connection. "
        + "Server-side prepared statements of PgBouncer before 1.21, LISTEN and session settings do not survive the change of servers.");

    private static readonly RouterPromise Sessions = new(
        KeepsConnections: false,
        ReadsGoOn: false,
        HoldsWrites: false,
        ExpectedGap: TimeSpan.FromMilliseconds(400),
        "In session pooling every connection that has a session at the switch is ended once: an idle one at once, one in a transaction when that is over or the grace time is. "
        + "What was acknowledged is kept; a statement without an answer may have been done or not. Who connects in the meantime waits, and goes on at green. "
        + "Clients must connect again and repeat what failed.");

    /// <summary>Makes the router; it connects with the first call.</summary>
    /// <param name="service">The service: the admin addresses of its router are those of consoles, the settings name the configuration files.</param>
    /// <param name="hosts">Where the configuration files are.</param>
    public static IRouter Create(ServiceDescription service, IHostDirectory hosts)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(hosts);
        var sessions = service.Router.Settings.GetValueOrDefault(PoolMode) == Session;
        IReadOnlyList<IRouterInstance> instances = [.. service.Router.All.Select(instance => new PgBouncerInstance(PgBouncerOptions.Read(service, instance, hosts, sessions)))];
        return new InstancesRouter(Kind, sessions ? Sessions : Transactions, service.GuardDirectory, instances, stop => PgBouncerRehearsal.RunAsync(hosts, stop));
    }
}
