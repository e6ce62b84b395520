using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Hosts.OpenSsh;

/// <summary>Processes of a host that outlive the session that started them, told apart by start time and boot as well as by number.</summary>
internal sealed class RemoteProcesses(SshHostOptions options, SshCommand commands)
{
    private const int Denied = 66;
    private const int Stays = 67;
    private const int Missing = 68;
    private const int NoFolder = 69;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Killed = TimeSpan.FromSeconds(10);

    /// <summary><c>state "$@"</c>: whether process $1 runs, at least with a thread besides its first, and is the one of start $2 and boot $3.</summary>
    private const string Same = """
        boot() { cat /proc/sys/kernel/random/boot_id; }
        state() { [ "$(boot)" = "$3" ] && s=$(cat "/proc/$1/stat" 2> /dev/null) && set -- ${s##*) } && [ "${20}" = "$start" ] && [ "$1" != X ] && { [ "$1" != Z ] || [ "${18}" -gt 1 ]; }; }
        start=$2
        """;

    /// <summary>
    /// $1 is the output file, $2 the folder or nothing, $3 whether it stands back, $4 the variables that sudo keeps. The session's own shell waits for nothing;
    /// setsid does not fork, since what a shell puts into the background leads no group; and the environment is already as the command has it. By sudo the
    /// output goes through a tee, since the file may be one that only root can open.
    /// </summary>
    private static readonly string Start = $$"""
        out=$1; folder=$2; back=$3; kept=$4; shift 4
        case $1 in
            */*) $S test -x "$1" && $S test ! -d "$1" || exit {{Missing}} ;;
            *) (PATH=$PATH${S:+:/usr/sbin:/sbin}; command -v "$1" > /dev/null 2>&1) || exit {{Missing}} ;;
        esac
        if [ -n "$folder" ]; then $S test -d "$folder" || exit {{NoFolder}}; fi
        umask 077
        : | $S tee -a -- "$out" > /dev/null || exit {{Denied}}
        if [ -z "$S" ]; then
            if [ -n "$folder" ]; then cd -- "$folder" || exit {{NoFolder}}; fi
            exec 9>> "$out"
        else
            d=$(mktemp -d) && mkfifo "$d/out" || exit {{Denied}}
            setsid $S tee -a -- "$out" < "$d/out" > /dev/null 2>&1 &
            exec 9> "$d/out"
            rm -rf -- "$d"
            set -- sudo -n ${kept:+"--preserve-env=$kept"} ${folder:+-D "$folder"} -- "$@"
        fi
        if [ "$back" = 1 ]; then
            setsid sh -c '{ echo {{SessionShare.Back}} > /proc/self/autogroup; } 2> /dev/null; exec "$@"' sh "$@" < /dev/null >&9 2>&1 9>&- &
        else
            setsid "$@" < /dev/null >&9 2>&1 9>&- &
        fi
        p=$!
        exec 9>&-
        s=$(cat "/proc/$p/stat") || exit 1
        set -- ${s##*) }
        echo "$p ${20} $(cat /proc/sys/kernel/random/boot_id)"
        """;

    private static readonly string Stop = $$"""
        {{Same}}
        wait_gone() { n=0; while state "$@"; do [ "$n" -ge "$limit" ] && return 1; sleep 0.05; n=$((n+1)); done; return 0; }
        state "$@" || exit 0
        children=$(cat "/proc/$1/task/$1/children" 2> /dev/null)
        $S kill -TERM "$1" || { state "$@" || exit 0; exit {{Denied}}; }
        limit=$4; wait_gone "$@" && exit 0
        $S kill -KILL "$1" ${S:+$children}
        limit=$5; wait_gone "$@" || exit {{Stays}}
        """;

    public async Task<ProcessIdentity> StartAsync(HostCommand command, string outputFile, CancellationToken cancellationToken)
    {
        var kept = string.Join(',', command.Environment.Where(pair => pair.Value is not null).Select(pair => pair.Key));
        var result = await commands.RunScriptAsync(
            Environment(command) + Start,
            [outputFile, command.WorkingFolder ?? string.Empty, command.StandsBack ? "1" : "0", kept, command.Program, .. command.Arguments],
            null,
            Limit,
            cancellationToken);
        return result.ExitCode switch
        {
            0 => Parse(result.Output),
            Missing => throw SshFailure.Missing(options, command.Program),
            NoFolder => throw SshFailure.NoFolder(options, command.WorkingFolder!),
            Denied => throw new UpgradeException("FileAccessDenied", $"'{outputFile}' on host '{options.Name}' cannot be written: {SshFailure.LastLine(result.Error)}", "Give the user of ssh the rights on it and on its folder.", FailureCategory.AccessDenied) { Target = outputFile },
            _ => throw new UpgradeException("ProcessEndedAtOnce", $"'{command.Program}' ended on host '{options.Name}' as soon as it was started.", $"Read what it said in '{outputFile}' there.") { Target = command.Program },
        };
    }

    public async Task<bool> IsRunningAsync(ProcessIdentity process, CancellationToken cancellationToken) =>
        (await commands.RunScriptAsync($"{Same}\nstate \"$@\"", Arguments(process), null, Limit, cancellationToken)).ExitCode == 0;

    public async Task StopAsync(ProcessIdentity process, TimeSpan grace, CancellationToken cancellationToken)
    {
        var result = await commands.RunScriptAsync(Stop, [.. Arguments(process), Looks(grace), Looks(Killed)], null, grace + Killed + Limit, cancellationToken);
        if (result.ExitCode == Denied)
            throw new UpgradeException("SignalRefused", $"Process {process.Id} on host '{options.Name}' cannot be signalled: {SshFailure.LastLine(result.Error)}", "Log in as the user who started it, or set 'sudo' of the host.", FailureCategory.AccessDenied) { Target = process.Id };

        if (result.ExitCode != 0)
            throw new UpgradeException("ProcessWillNotEnd", $"Process {process.Id} on host '{options.Name}' is still there {Killed.TotalSeconds:0.#} s after it was killed.", "It hangs inside the kernel, most likely on its disk. See what its file system is doing.") { Target = process.Id };
    }

    private static string Environment(HostCommand command) =>
        string.Concat(command.Environment.Select(pair => pair.Value is null ? $"unset {pair.Key}; " : $"export {pair.Key}={ShellText.Quote(pair.Value)}; "));

    private static ProcessIdentity Parse(string output)
    {
        var words = output.Trim().Split(' ');
        return new ProcessIdentity(int.Parse(words[0], CultureInfo.InvariantCulture), long.Parse(words[1], CultureInfo.InvariantCulture), words[2]);
    }

    private static string[] Arguments(ProcessIdentity process) =>
        [process.Id.ToString(CultureInfo.InvariantCulture), process.StartTicks.ToString(CultureInfo.InvariantCulture), process.BootId];

    // It looks every twentieth of a second.
    private static string Looks(TimeSpan time) => Math.Ceiling(time.TotalSeconds * 20).ToString(CultureInfo.InvariantCulture);
}
