using StatefulDeploy.Gateway.Links;
using StatefulDeploy.Gateway.Routing;
using StatefulDeploy.Model;

namespace StatefulDeploy.Gateway.Sessions;

/// <summary>What a session needs of the gateway around it.</summary>
internal interface ISessionHost
{
    Route Route { get; }

    GatewayLimits Limits { get; }

    /// <summary>Bytes of waiting requests of all sessions.</summary>
    HeldBudget Budget { get; }

    ScriptMemory Scripts { get; }

    /// <summary>Milliseconds of a clock that only goes forward; never 0.</summary>
    long Now { get; }

    /// <summary>Connects to a server. Connections that are not needed yet wait for their turn.</summary>
    Task<Link> ConnectAsync(NodeEndpoint endpoint, object gate, bool isUrgent);

    void Add(Session session);

    /// <summary>A session failed in a way nobody thought of, and was closed: the others go on, and the status tells.</summary>
    void Faulted(Exception exception);

    void Remove(Session session);

    /// <summary>Calls the session's <see cref="Session.Tick"/> every few milliseconds until it says that it is no longer needed.</summary>
    void Watch(Session session);
}
