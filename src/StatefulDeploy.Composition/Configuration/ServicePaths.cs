namespace StatefulDeploy.Composition.Configuration;

/// <summary>Where things lie when a service file says so, and when it does not.</summary>
internal static class ServicePaths
{
    /// <summary>A path as written in a service file, made full: from the file's folder, or from the user's home for <c>~/</c>.</summary>
    public static string Resolve(string file, string path)
    {
        if (path == "~" || path.StartsWith("~/", StringComparison.Ordinal))
            return Path.GetFullPath(Path.Combine(Home, path.TrimStart('~').TrimStart('/')));
        return Path.GetFullPath(path, Path.GetDirectoryName(file)!);
    }

    /// <summary>A program as written in a service file: a name is left to the search path, a path is made full.</summary>
    public static string ResolveProgram(string file, string program) => program.Contains('/', StringComparison.Ordinal) ? Resolve(file, program) : program;

    /// <summary>The folder of a service when its file names none: /var/lib/statefuldeploy/NAME for root, else below XDG_STATE_HOME or ~/.local/state.</summary>
    public static string DefaultState(string service) => Path.Combine(StateRoot, service);

    /// <summary>The folder above the services' own.</summary>
    public static string StateRoot
    {
        get
        {
            if (Environment.IsPrivilegedProcess)
                return "/var/lib/statefuldeploy";
            var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } folder ? folder : Path.Combine(Home, ".local", "state");
            return Path.Combine(state, "statefuldeploy");
        }
    }

    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
}
