using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Routers.Instances;

namespace StatefulDeploy.Routers.HaProxy;

/// <summary>Any number of HAProxies in TCP mode before one cluster. They hold nothing: what clients see of the closed window is what the engine says.</summary>
public static class HaProxyRouter
{
    /// <summary>The name of the kind.</summary>
    public const string Kind = "haproxy";

    private static readonly RouterPromise Promise = new(
        KeepsConnections: false,
        ReadsGoOn: false,
        HoldsWrites: false,
        ExpectedGap: TimeSpan.FromMilliseconds(400),
        "HAProxy forwards connections and holds nothing: while writes are closed, clients get the engine's own refusal (Redis answers reads and refuses writes; PostgreSQL ends sessions and refuses new ones), "
        + "and every connection is ended at the switch. What was acknowledged is kept; a request without an answer may have been done or not. Clients must connect again and repeat what failed.");

    /// <summary>Makes the router; it connects with the first call.</summary>
    /// <param name="service">The service: the admin addresses of its router are those of runtime APIs, the settings name configuration files and servers.</param>
    /// <param name="hosts">Where the configuration files are.</param>
    public static IRouter Create(ServiceDescription service, IHostDirectory hosts)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(hosts);
        IReadOnlyList<IRouterInstance> instances = [.. service.Router.All.Select(instance => new HaProxyInstance(HaProxyOptions.Read(service, instance, hosts)))];
        return new InstancesRouter(Kind, Promise, service.GuardDirectory, instances, _ => Task.CompletedTask);
    }
}
