using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>
/// Closes and opens one node for client writes. Runs inside the guard's process on the node's host, which compares and stores the
/// epoch under its lock together with the act. A closed node refuses writes of every client but the control user's, whatever session
/// it has, also after a restart or reboot, until it is opened. Every act can be run twice.
/// </summary>
public interface INodeGate
{
    /// <summary>Outside the window, the watcher armed, writes still open: makes the control user, and makes the node come up closed if it should restart from now on. Connections are opened and warm.</summary>
    Task PrepareAsync(Node node, GateContext context, CancellationToken cancellationToken);

    /// <summary>Closes the node at once, for every session.</summary>
    Task CloseAsync(Node node, GateContext context, CancellationToken cancellationToken);

    /// <summary>Opens the node, and makes it come up open after a restart.</summary>
    Task OpenAsync(Node node, GateContext context, CancellationToken cancellationToken);

    /// <summary>Tries a real write as an ordinary client would.</summary>
    Task<GateState> ProbeAsync(Node node, GateContext context, CancellationToken cancellationToken);

    /// <summary>Ends every control connection of an older guard process, so that bytes it had sent but the node had not read cannot act any more.</summary>
    Task RevokeAsync(Node node, GateContext context, CancellationToken cancellationToken);

    /// <summary>Before the window: runs the acts against a stand-in, so that their code is warm. Touches no node.</summary>
    Task RehearseAsync(GateContext context, CancellationToken cancellationToken) => Task.CompletedTask;
}
