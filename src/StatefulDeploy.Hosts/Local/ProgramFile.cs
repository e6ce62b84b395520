using StatefulDeploy.Contracts;

namespace StatefulDeploy.Hosts.Local;

/// <summary>Finds programs as a shell does, but beforehand: so that a missing one is told as such, and not by an exit code of 127.</summary>
internal static class ProgramFile
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public static string Find(HostCommand command)
    {
        var program = command.Program;
        if (program.Contains('/', StringComparison.Ordinal))
            return IsExecutable(program, command.WorkingFolder) ?? throw Missing(program);

        var path = command.Environment.TryGetValue("PATH", out var own) ? own : Environment.GetEnvironmentVariable("PATH");
        return (path ?? string.Empty).Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => IsExecutable(Path.Combine(folder, program), null))
            .FirstOrDefault(found => found is not null) ?? throw Missing(program);
    }

    private static string? IsExecutable(string file, string? folder)
    {
        var path = folder is null ? Path.GetFullPath(file) : Path.GetFullPath(file, Path.GetFullPath(folder));
        return File.Exists(path) && (File.GetUnixFileMode(path) & Executable) != UnixFileMode.None ? path : null;
    }

    private static UpgradeException Missing(string program) => new(
        "CommandMissing",
        $"The program '{program}' is not on this machine, or is not executable.",
        "Install it, put its folder on the PATH, or name its full path in the service file.",
        FailureCategory.NotFound) { Target = program };
}
