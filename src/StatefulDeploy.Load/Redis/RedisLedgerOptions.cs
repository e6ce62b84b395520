using System.Net;

namespace StatefulDeploy.Load.Redis;

/// <summary>How a ledger's clients reach a service that speaks RESP.</summary>
public sealed record RedisLedgerOptions
{
    /// <summary>
    /// Where to connect. With several, each new connection goes to the first that says it is the primary, as client libraries
    /// that know a set of servers do.
    /// </summary>
    public required IReadOnlyList<EndPoint> Servers { get; init; }

    /// <summary>The user to sign in as, if not the default one.</summary>
    public string? User { get; init; }

    /// <summary>The password, if one is asked.</summary>
    public string? Password { get; init; }

    /// <summary>The database.</summary>
    public int Database { get; init; }

    /// <summary>The RESP version, 2 or 3.</summary>
    public int Protocol { get; init; } = 2;
}
