namespace StatefulDeploy.Model;

/// <summary>A host other than this machine, reached by the system's ssh. Holds no secret: keys and known hosts are those of ssh's own configuration.</summary>
public sealed record HostDescription
{
    /// <summary>The name by which nodes refer to it.</summary>
    public required string Name { get; init; }

    /// <summary>What ssh is given: an address, a name of ssh's configuration, or <c>user@</c> either of them.</summary>
    public required string Ssh { get; init; }

    /// <summary>A configuration file of ssh; null for the user's own.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Whether commands and files are done as root by <c>sudo -n</c>.</summary>
    public bool Sudo { get; init; }

    /// <summary>How many commands run on it at once, over one connection.</summary>
    public int Sessions { get; init; } = 8;

    /// <summary>The guard's folder on it; null for the same path as on this machine.</summary>
    public string? GuardDirectory { get; init; }

    /// <summary>Our program as it is installed there; null to let it be brought there and run by the .NET runtime of the host.</summary>
    public string? Program { get; init; }
}
