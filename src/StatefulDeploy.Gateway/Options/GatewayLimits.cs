namespace StatefulDeploy.Gateway;

/// <summary>The bounds a gateway keeps when no admin command says otherwise.</summary>
public sealed record GatewayLimits
{
    /// <summary>Clients connected at the same time; one more is answered with an error and closed.</summary>
    public int MaxSessions { get; init; } = 20_000;

    /// <summary>How long a request waits for a server that cannot be reached before it gets the retriable <c>LOADING</c> error.</summary>
    public TimeSpan RequestLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of waiting requests, over all sessions.</summary>
    public long MaxHeldBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>How long one attempt to connect to a server may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Bytes that wait to be taken by a slow client or server before the other side is no longer read, per connection and direction.</summary>
    public int SlowPeerBytes { get; init; } = 256 * 1024;

    /// <summary>The same while a hold waits for answers in flight: a slow client must not keep a write's answer unread.</summary>
    public int SlowPeerBytesWhileDraining { get; init; } = 16 * 1024 * 1024;

    /// <summary>Bytes of the commands of one open transaction that are remembered, so that it can move; a larger one is aborted by a switch.</summary>
    public int MaxTransactionBytes { get; init; } = 1024 * 1024;

    /// <summary>Bytes of script bodies that are remembered, so that EVALSHA works after a switch.</summary>
    public int MaxScriptBytes { get; init; } = 16 * 1024 * 1024;
}
