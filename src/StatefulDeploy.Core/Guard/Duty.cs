using StatefulDeploy.Model;

namespace StatefulDeploy.Guard;

/// <summary>What the guard must do without being asked.</summary>
internal abstract record Duty
{
    private Duty()
    {
    }

    /// <summary>Nothing was decided in time: decide for the source.</summary>
    public sealed record Expire : Duty;

    /// <summary>Open a node to which the outcome gives the right.</summary>
    public sealed record OpenNode(Node Node) : Duty;

    /// <summary>The window expired: the router goes on with the source.</summary>
    public sealed record ReleaseRouter : Duty;

    /// <summary>The window is committed and nobody else goes on: take the way forward as far as it can be reached.</summary>
    public sealed record GoForward : Duty;
}
