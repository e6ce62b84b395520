using StatefulDeploy.Contracts;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Hosts.Local;

/// <summary>A server in a session of its own, which keeps nothing of ours: no terminal, no standard stream, no descriptor.</summary>
internal static class DetachedProcess
{
    // All in one process: the shell sets the streams and the file's mode, setsid leaves the session, and each becomes the next. A child of
    // ours never leads a process group, so setsid does not fork and the number stays. (.NET opens its descriptors close-on-exec.)
    private const string Script = "umask 077; out=$1; shift; exec setsid \"$@\" < /dev/null >> \"$out\" 2>&1";

    // The session is made first, so that it is the new one that stands back. Where the kernel has no such groups nothing is changed.
    private static readonly string[] StandBack = ["/bin/sh", "-c", $"{{ echo {SessionShare.Back} > /proc/self/autogroup; }} 2> /dev/null; exec \"$@\"", "sh"];

    public static ProcessIdentity Start(HostCommand command, string outputFile)
    {
        var program = ProgramFile.Find(command);
        var shell = command with { Program = "/bin/sh", Arguments = ["-c", Script, "sh", Path.GetFullPath(outputFile), .. command.StandsBack ? StandBack : [], program, .. command.Arguments] };
        ProgramFile.Find(new HostCommand("setsid"));
        FileFailure.Guard(outputFile, "written", () => new FileStream(outputFile, new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, UnixCreateMode = DurableFile.OwnerOnly }).Dispose());
        using var process = LocalCommand.Launch(LocalCommand.Describe(shell, ProgramFile.Find(shell)), command.Program);
        return RunningProcess.Find(process.Id) ?? throw EndedAtOnce(command, outputFile);
    }

    private static UpgradeException EndedAtOnce(HostCommand command, string outputFile) => new(
        "ProcessEndedAtOnce",
        $"'{command.Program}' ended as soon as it was started.",
        $"Read what it said in '{outputFile}'.") { Target = command.Program };
}
