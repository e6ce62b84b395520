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
}
