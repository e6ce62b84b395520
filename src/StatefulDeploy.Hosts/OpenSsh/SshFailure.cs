using StatefulDeploy.Contracts;

namespace StatefulDeploy.Hosts.OpenSsh;

/// <summary>What ssh said, in words that a person can act on.</summary>
internal static class SshFailure
{
    // The texts are OpenSSH's own (sshconnect.c, sshconnect2.c, packet.c), which it does not translate.
    private static readonly (string Text, Func<SshHostOptions, string, UpgradeException> Make)[] Known =
    [
        ("HOST IDENTIFICATION HAS CHANGED", HostKeyChanged),
        ("Host key verification failed", HostKeyUnknown),
        ("Permission denied", Refused),
        ("Too many authentication failures", Refused),
        ("Bad configuration option", WrongConfiguration),
        ("Can't open user config file", WrongConfiguration),
        ("terminating, ", WrongConfiguration),
    ];

    private static readonly string[] SudoRefusals = ["password is required", "terminal is required", "not allowed", "not permitted", "not in the sudoers", "may not run"];

    /// <summary>Why no connection was made.</summary>
    public static UpgradeException OfConnecting(SshHostOptions options, string said)
    {
        foreach (var (text, make) in Known)
        {
            if (said.Contains(text, StringComparison.Ordinal))
                return make(options, said);
        }

        return Unreachable(options, LastLine(said));
    }

    public static UpgradeException Unreachable(SshHostOptions options, string why) => new(
        "HostUnreachable",
        $"Host '{options.Name}' cannot be reached by ssh {options.Destination}: {why}",
        $"See whether {Try(options)} works from here: address, port, name resolution, and what filters between.",
        FailureCategory.Unreachable) { Target = options.Name };

    public static UpgradeException Lost(SshHostOptions options, string program) => new(
        "HostConnectionLost",
        $"The connection to host '{options.Name}' broke while '{program}' ran there: whether it was done is unknown.",
        "See whether the host is up, then run the command again: what was done already is found as done.",
        FailureCategory.Unreachable) { Target = options.Name };

    public static UpgradeException NoSession(SshHostOptions options, string said) => new(
        "HostSessionRefused",
        $"Host '{options.Name}' refuses another session on its connection: {LastLine(said)}",
        $"Its sshd allows fewer sessions than the {options.Sessions} that are used at once: raise MaxSessions there to {options.Sessions + 2}, or set 'sessions' of the host lower.",
        FailureCategory.Capacity) { Target = options.Name };

    public static UpgradeException Missing(SshHostOptions options, string program) => new(
        "CommandMissing",
        $"The program '{program}' is not on host '{options.Name}', or is not executable.",
        "Install it there, put its folder on the PATH that a session of ssh has, or name its full path in the service file.",
        FailureCategory.NotFound) { Target = program };

    public static UpgradeException NoFolder(SshHostOptions options, string folder) => new(
        "FolderMissing",
        $"The folder '{folder}' is not on host '{options.Name}', or may not be entered.",
        "See whether the path is right.",
        FailureCategory.NotFound) { Target = folder };

    public static UpgradeException SudoRefused(SshHostOptions options, string program, string said) => new(
        "SudoRefused",
        $"sudo on host '{options.Name}' does not let this user do what '{program}' needs without a password: {Refusal(said)}",
        $"Allow these in sudoers with CWD=* NOPASSWD: SETENV: {string.Join(", ", SshHostOptions.SudoCommands)}, and the servers' programs; or log in as a user who needs no sudo.",
        FailureCategory.AccessDenied) { Target = options.Name };

    /// <summary>Whether sudo itself said no, and not the command behind it. (Texts of sudo 1.8 and 1.9, in a session without translations.)</summary>
    public static bool IsSudoRefusal(string said) => Refusal(said) is not null;

    public static UpgradeException TimedOut(SshHostOptions options, HostCommand command) => new(
        "CommandTimedOut",
        $"'{command.Program}' on host '{options.Name}' had not ended after {command.Timeout.TotalSeconds:0.#} s and was ended.",
        "See why it hangs, or allow it more time.",
        FailureCategory.Timeout) { Target = command.Program };

    public static string LastLine(string said) =>
        said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "ssh said nothing.";

    private static string? Refusal(string said) => said.Split('\n').FirstOrDefault(line =>
        line.StartsWith("sudo: ", StringComparison.Ordinal) && SudoRefusals.Any(text => line.Contains(text, StringComparison.Ordinal)))
        ?? said.Split('\n').FirstOrDefault(line => line.StartsWith("Sorry, user ", StringComparison.Ordinal));

    private static UpgradeException HostKeyChanged(SshHostOptions options, string said) => new(
        "HostKeyChanged",
        $"Host '{options.Name}' shows another key than the one that ssh knows for {options.Destination}: it was installed anew, or somebody else answers in its place.",
        $"Ask whoever runs the host. Only if the new key is its own: ssh-keygen -R for its address, then {Try(options)} by hand once.",
        FailureCategory.AccessDenied) { Target = options.Name };

    private static UpgradeException HostKeyUnknown(SshHostOptions options, string said) => new(
        "HostKeyUnknown",
        $"The key of host '{options.Name}' ({options.Destination}) is not known to ssh, which is never told to take any key.",
        $"Connect once by hand ({Try(options)}) and compare the fingerprint, or put the key into known_hosts.",
        FailureCategory.AccessDenied) { Target = options.Name };

    private static UpgradeException Refused(SshHostOptions options, string said) => new(
        "HostAccessRefused",
        $"Host '{options.Name}' refuses the login of ssh {options.Destination}: {LastLine(said)}",
        $"See whether {Try(options)} works from here without asking for anything: user, key, agent, and authorized_keys over there.",
        FailureCategory.AccessDenied) { Target = options.Name };

    private static UpgradeException WrongConfiguration(SshHostOptions options, string said) => new(
        "SshConfigurationWrong",
        $"ssh cannot use its configuration for host '{options.Name}': {LastLine(said)}",
        "Correct the file it names.",
        FailureCategory.InvalidInput) { Target = options.ConfigFile ?? options.Name };

    private static string Try(SshHostOptions options) => options.ConfigFile is { } file ? $"ssh -F {file} {options.Destination}" : $"ssh {options.Destination}";
}
