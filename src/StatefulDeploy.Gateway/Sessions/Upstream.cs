using StatefulDeploy.Gateway.Links;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Gateway.Sessions;

/// <summary>A session's connection to a server, with the answers that it owes.</summary>
internal sealed class Upstream(NodeEndpoint endpoint)
{
    /// <summary>Where the bytes of answers end. A field, as it is a mutable struct.</summary>
    public RespFrameScanner Scanner;

    public NodeEndpoint Endpoint { get; } = endpoint;

    public UpstreamPhase Phase { get; set; } = UpstreamPhase.Connecting;

    public Link? Link { get; set; }

    public InFlightQueue InFlight { get; } = new();

    public Subscriptions Subscriptions { get; } = new();

    /// <summary>An answer that must be looked at as a whole, as far as it has come.</summary>
    public FrameCapture Capture { get; } = new();

    /// <summary>The protocol that its answers are in.</summary>
    public int Protocol { get; set; } = 2;

    /// <summary>The server's id of this connection; 0 before it was asked, -1 if the server would not tell.</summary>
    public long ClientId { get; set; }

    public bool ClientIdAsked { get; set; }

    /// <summary>Whether the server answers although the client has switched answers off: so it is on a new connection.</summary>
    public bool RepliesAreOn { get; set; } = true;

    /// <summary>Whether a marker is under way or has come back: from then on nothing published before a switch can arrive.</summary>
    public MarkerState Marker { get; set; }

    public bool IsReady => Phase == UpstreamPhase.Ready;

    /// <summary>Whether no answer is owed, in whole or in part.</summary>
    public bool IsQuiet => InFlight.Count == 0 && !Scanner.InsideValue;

    public void Close()
    {
        Phase = UpstreamPhase.Closed;
        Link?.Dispose();
    }
}
