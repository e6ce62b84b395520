using StatefulDeploy.Gateway.Requests;

namespace StatefulDeploy.Gateway.Sessions;

/// <summary>A request that waits for its turn.</summary>
internal struct HeldRequest
{
    public RequestKind Kind;

    /// <summary>Its bytes so far in the queue's buffer.</summary>
    public int Length;

    /// <summary>Whether all its bytes have arrived.</summary>
    public bool IsWhole;

    /// <summary>Whether it was too large to be held: its bytes are gone, and it gets an error in its turn.</summary>
    public bool IsOverflow;

    /// <summary>What to answer in its turn instead of sending anything; null for a true request.</summary>
    public byte[]? Answer;

    /// <summary>Since when it waits for something that may not take long, in milliseconds of the gateway's clock; 0 while it waits only for the client's own earlier requests.</summary>
    public long Since;
}
