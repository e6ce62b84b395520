namespace StatefulDeploy.Contracts;

/// <summary>A program to run on a host. No secret may be among the arguments: use the environment or standard input.</summary>
/// <param name="Program">The program, found on the path or by its full path.</param>
/// <param name="Arguments">Its arguments, not interpreted by a shell.</param>
public sealed record HostCommand(string Program, params IReadOnlyList<string> Arguments)
{
    /// <summary>Text for its standard input; null for none.</summary>
    public string? Input { get; init; }

    /// <summary>The folder it runs in; null for the host's own choice.</summary>
    public string? WorkingFolder { get; init; }

    /// <summary>Environment variables to add; a null value removes one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>For a detached process: whether it is started standing back from others that want the processors, until it steps forward by itself; see <see cref="Posix.SessionShare"/>.</summary>
    public bool StandsBack { get; init; }

    /// <summary>After this long it is ended, and the call fails with <see cref="FailureCategory.Timeout"/>.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);
}
