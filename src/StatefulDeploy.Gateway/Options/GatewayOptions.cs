using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Gateway;

/// <summary>What a gateway needs to run.</summary>
public sealed record GatewayOptions
{
    /// <summary>The service it stands before, as told in its status.</summary>
    public required string ServiceName { get; init; }

    /// <summary>Where clients connect. Port 0 takes a free one, told when it is ready.</summary>
    public required IReadOnlyList<NodeEndpoint> Listen { get; init; }

    /// <summary>Where requests go on the very first start. Afterwards the state file says so, and this is not looked at.</summary>
    public required NodeEndpoint Target { get; init; }

    /// <summary>The folder of its state file, for its owner alone. One gateway uses it at a time.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>The path of the admin socket; <c>admin.sock</c> in the state folder unless said otherwise. At most about 100 characters.</summary>
    public string? AdminSocket { get; init; }

    /// <summary>The bounds.</summary>
    public GatewayLimits Limits { get; init; } = new();

    /// <summary>TLS towards clients; null for none.</summary>
    public GatewayListenTls? ListenTls { get; init; }

    /// <summary>TLS towards the servers; null for none.</summary>
    public RespTlsOptions? TargetTls { get; init; }

    /// <summary>The account of the gateway's own connection to the servers, which ends blocking commands and loads scripts; null where none is needed.</summary>
    public CredentialDescription? Control { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where the line that tells that it is ready goes; null for standard output.</summary>
    public TextWriter? Output { get; init; }

    internal string AdminSocketPath => AdminSocket ?? Path.Combine(StateDirectory, "admin.sock");
}
