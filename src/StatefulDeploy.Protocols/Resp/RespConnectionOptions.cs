using System.Text;

namespace StatefulDeploy.Protocols.Resp;

/// <summary>Where and how to connect. The password is in no text made of this.</summary>
public sealed record RespConnectionOptions
{
    /// <summary>A host name or address.</summary>
    public required string Host { get; init; }

    /// <summary>The TCP port.</summary>
    public required int Port { get; init; }

    /// <summary>The ACL user, or null for the default user.</summary>
    public string? UserName { get; init; }

    /// <summary>The password, or null for none.</summary>
    public string? Password { get; init; }

    /// <summary>Encryption, or null for none.</summary>
    public RespTlsOptions? Tls { get; init; }

    /// <summary>The protocol to speak: 2 needs no HELLO and works everywhere; 3 sends it.</summary>
    public int Protocol { get; init; } = 2;

    /// <summary>The database to select.</summary>
    public int Database { get; init; }

    /// <summary>The name the server lists the connection by, or null.</summary>
    public string? ClientName { get; init; }

    /// <summary>The longest the connection may take to be made, authentication included.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest to wait for one answer; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>What to do with RESP 3 pushes. Called on the reading thread: it must be quick.</summary>
    public Action<RespValue>? PushReceived { get; init; }

    /// <summary>The clock for timeouts.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Host and port, as written in messages.</summary>
    public string Endpoint => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append(nameof(Endpoint)).Append(" = ").Append(Endpoint)
            .Append(", ").Append(nameof(UserName)).Append(" = ").Append(UserName)
            .Append(", ").Append(nameof(Protocol)).Append(" = ").Append(Protocol)
            .Append(", ").Append(nameof(Database)).Append(" = ").Append(Database);
        return true;
    }
}
