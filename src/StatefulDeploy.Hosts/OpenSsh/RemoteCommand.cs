using System.Globalization;
using System.Text;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Hosts.OpenSsh;

/// <summary>
/// A command as it is sent: the command line that everybody on the host can see says nothing but how long the script is that follows on standard
/// input; program, arguments and environment stand in the script. What the command reads comes behind it.
/// </summary>
/// <remarks>
/// The script tells its process group on the first line of the output, so that the command and all it started can be ended, and the exit code on the
/// last line of the error output, so that it is never mistaken for ssh's own. Past its deadline the command is ended over there too, by <c>timeout</c>,
/// whether or not anybody can still reach it.
/// </remarks>
internal sealed class RemoteCommand
{
    // Later than we do it, so that it is ours that is told.
    private static readonly TimeSpan DeadlineOverThere = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly byte[] _script;

    public RemoteCommand(HostCommand command, bool sudo)
    {
        Token = $"sd-{Guid.NewGuid().ToString("N")[..12]}";
        _script = Encoding.UTF8.GetBytes(Write(command, sudo, Token));
    }

    /// <summary>What our own lines of its output begin with.</summary>
    public string Token { get; }

    /// <summary>What is sent on standard input before what the command reads.</summary>
    public ReadOnlyMemory<byte> Script => _script;

    /// <summary>The command line. A script that did not arrive whole is not run.</summary>
    public string CommandLine => "exec /bin/sh -c " + ShellText.Quote(
        string.Create(CultureInfo.InvariantCulture, $"s=$(head -c {_script.Length}); case $s in *\"#{Token}\") eval \"$s\" ;; *) exit 255 ;; esac"));

    private static string Write(HostCommand command, bool sudo, string token)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in command.Environment)
            text.AppendLine(value is null ? $"unset {name}" : $"export {name}={ShellText.Quote(value)}");

        text.AppendLine(sudo ? FindAsRoot(command, token) : Find(command, token));
        text.AppendLine($"echo '{token} '$$");
        text.AppendLine($"exec {Deadline(command)}/bin/sh -c {ShellText.Quote($"\"$@\"; c=$?; printf '\\n{token} %s\\n' $c >&2; exit $c")} sh {ShellText.Quote([.. Sudo(command, sudo), command.Program, .. command.Arguments])}");
        return text.Append('#').Append(token).ToString();
    }

    private static string Find(HostCommand command, string token)
    {
        var program = ShellText.Quote(command.Program);
        var enter = command.WorkingFolder is { } folder ? $"cd -- {ShellText.Quote(folder)} 2> /dev/null || {{ echo '{token} folder'; exit 127; }}; " : string.Empty;
        return command.Program.Contains('/', StringComparison.Ordinal)
            ? $"{enter}{{ [ -x {program} ] && [ ! -d {program} ]; }} || {{ echo '{token} missing'; exit 127; }}"
            : $"{enter}command -v {program} > /dev/null 2>&1 || {{ echo '{token} missing'; exit 127; }}";
    }

    // What only root can see is looked for as root. Where sudo does not even allow to look, it says so itself when the command is run.
    private static string FindAsRoot(HostCommand command, string token)
    {
        var program = ShellText.Quote(command.Program);
        var look = command.Program.Contains('/', StringComparison.Ordinal)
            ? $"{{ sudo -n test -x {program} && sudo -n test ! -d {program}; }} 2> /dev/null || ! sudo -n test -e / 2> /dev/null"
            : $"(PATH=$PATH:/usr/sbin:/sbin; command -v {program} > /dev/null 2>&1)";
        var enter = command.WorkingFolder is { } folder
            ? $"; sudo -n test -d {ShellText.Quote(folder)} 2> /dev/null || ! sudo -n test -e / 2> /dev/null || {{ echo '{token} folder'; exit 127; }}"
            : string.Empty;
        return $"command -v sudo > /dev/null 2>&1 || {{ echo '{token} nosudo'; exit 127; }}; {look} || {{ echo '{token} missing'; exit 127; }}{enter}";
    }

    private static IEnumerable<string> Sudo(HostCommand command, bool sudo)
    {
        if (!sudo)
            return [];

        var kept = command.Environment.Where(pair => pair.Value is not null).Select(pair => pair.Key).ToList();
        IReadOnlyList<string> environment = kept.Count == 0 ? [] : [$"--preserve-env={string.Join(',', kept)}"];
        IReadOnlyList<string> folder = command.WorkingFolder is { } there ? ["-D", there] : [];
        return ["sudo", "-n", .. environment, .. folder, "--"];
    }

    private static string Deadline(HostCommand command) => command.Timeout == Timeout.InfiniteTimeSpan
        ? string.Empty
        : string.Create(CultureInfo.InvariantCulture, $"timeout -k {Grace.TotalSeconds} {(command.Timeout + DeadlineOverThere).TotalSeconds:0.###} ");
}
