using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard.Boot;

/// <summary>A unit of systemd: of the system for root, of the user's own manager where that one is started with the machine (it lingers).</summary>
internal sealed class SystemdMeans(IHost host) : IBootMeans
{
    // systemd's own test of whether it runs the machine (man 3 sd_booted).
    private const string Booted = "/run/systemd/system";
    private const UnixFileMode UnitMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode FolderMode = UnitMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public string Name => "systemd";

    public async Task<bool> IsThereAsync(CancellationToken cancellationToken)
    {
        if ((await host.RunAsync(new HostCommand("test", "-d", Booted), cancellationToken)).ExitCode != 0)
            return false;

        return await IsRootAsync(cancellationToken)
            || ((await host.RunAsync(new HostCommand("loginctl", "show-user", "--property=Linger", "--value", await UserAsync(cancellationToken)), cancellationToken)).Output.Trim() == "yes"
                && (await host.RunAsync(new HostCommand("systemctl", "--user", "show-environment"), cancellationToken)).ExitCode == 0);
    }

    public async Task InstallAsync(BootEntry entry, CancellationToken cancellationToken)
    {
        var (folder, scope) = await PlaceAsync(cancellationToken);
        await host.CreateFolderAsync(folder, FolderMode, cancellationToken);
        await host.WriteFileAsync(Path.Combine(folder, UnitOf(entry)), TextOf(entry, scope), UnitMode, cancellationToken);
        await DoAsync([.. scope, "daemon-reload"], cancellationToken);
        await DoAsync([.. scope, "enable", UnitOf(entry)], cancellationToken);
    }

    public async Task RemoveAsync(BootEntry entry, CancellationToken cancellationToken)
    {
        var (folder, scope) = await PlaceAsync(cancellationToken);
        var file = Path.Combine(folder, UnitOf(entry));
        if (await host.ReadFileAsync(file, cancellationToken) is null)
            return;

        await DoAsync([.. scope, "disable", UnitOf(entry)], cancellationToken);
        await host.RunAsync(new HostCommand("rm", "-f", file), cancellationToken);
        await DoAsync([.. scope, "daemon-reload"], cancellationToken);
    }

    /// <summary>The unit. It is started at boot alone: what goes on meanwhile is started, and started again, by whoever runs the upgrade.</summary>
    internal static string TextOf(BootEntry entry, IReadOnlyList<string> scope) => $"""
        # Made for the time of an upgrade by StatefulDeploy, which removes it afterwards.
        [Unit]
        Description=Guard of the upgrade of service {entry.Service}
        Wants=network-online.target
        After=network-online.target

        [Service]
        Type=exec
        ExecStart={string.Join(' ', entry.Words.Select(Quote))}
        StandardOutput=append:{entry.Log.Replace("%", "%%", StringComparison.Ordinal)}
        StandardError=inherit

        [Install]
        WantedBy={(scope.Count == 0 ? "multi-user.target" : "default.target")}

        """;

    // Inside double quotes these four are special to systemd (man 5 systemd.service, man 5 systemd.syntax).
    private static string Quote(string word) => '"' + word
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("%", "%%", StringComparison.Ordinal)
        .Replace("$", "$$", StringComparison.Ordinal) + '"';

    private static string UnitOf(BootEntry entry) => entry.Name + ".service";

    private async Task<(string Folder, IReadOnlyList<string> Scope)> PlaceAsync(CancellationToken cancellationToken)
    {
        if (await IsRootAsync(cancellationToken))
            return ("/etc/systemd/system", []);

        var home = (await host.RunAsync(new HostCommand("sh", "-c", "echo \"${XDG_CONFIG_HOME:-$HOME/.config}\""), cancellationToken)).Output.Trim();
        return (Path.Combine(home, "systemd/user"), ["--user"]);
    }

    private async Task<bool> IsRootAsync(CancellationToken cancellationToken) => await UserAsync(cancellationToken) == "0";

    private async Task<string> UserAsync(CancellationToken cancellationToken) => (await host.RunAsync(new HostCommand("id", "-u"), cancellationToken)).Output.Trim();

    private async Task DoAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var done = await host.RunAsync(new HostCommand("systemctl", arguments), cancellationToken);
        if (done.ExitCode != 0)
            throw new UpgradeException("BootEntryFailed", $"systemctl {string.Join(' ', arguments)}: {done.Error.Trim()}", "See what 'systemctl status' says.");
    }
}
