namespace StatefulDeploy.Gateway.Links;

/// <summary>Who is told what happens on a link. Every call is made under the owner's lock.</summary>
internal interface ILinkOwner
{
    /// <summary>Bytes arrived.</summary>
    /// <returns>How many were used; the rest is given again, with what follows.</returns>
    int OnReceived(Link link, ReadOnlySpan<byte> data);

    /// <summary>The other side will send no more: it closed in order (no error), or the link broke.</summary>
    void OnEnded(Link link, Exception? error);

    /// <summary>What had to wait for a slow peer has all been sent.</summary>
    void OnSent(Link link);
}
