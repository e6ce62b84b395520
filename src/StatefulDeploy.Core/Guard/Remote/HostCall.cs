using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard.Remote;

/// <summary>A guard's wish that its client do something on a host which the client reaches and the guard does not.</summary>
internal sealed record HostCall
{
    /// <summary>Its number on this connection; the answer carries it.</summary>
    public long Id { get; init; }

    public string Host { get; init; } = string.Empty;

    public HostAct Act { get; init; }

    public HostCommand? Command { get; init; }

    /// <summary>A path, or an address.</summary>
    public string Path { get; init; } = string.Empty;

    public string To { get; init; } = string.Empty;

    public string Content { get; init; } = string.Empty;

    public UnixFileMode Mode { get; init; }

    public int Port { get; init; }

    public ProcessIdentity? Process { get; init; }

    public TimeSpan Grace { get; init; }

    public RouterTargets? Targets { get; init; }

    public HoldLimits? Limits { get; init; }

    /// <summary>The epoch of an act of the router.</summary>
    public long Epoch { get; init; }
}
