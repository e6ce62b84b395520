using StatefulDeploy.Contracts;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Guard.Boot;

/// <summary>A line <c>@reboot</c> in the user's table of cron, where a daemon of cron runs.</summary>
internal sealed class CronMeans(IHost host) : IBootMeans
{
    private static readonly TimeSpan TurnLimit = TimeSpan.FromSeconds(10);
    private static readonly string TurnFile = Path.Combine(Path.GetTempPath(), $"statefuldeploy-crontab-{Environment.UserName}.lock");

    public string Name => "cron";

    public async Task<bool> IsThereAsync(CancellationToken cancellationToken)
    {
        // Debian's daemon is called cron, others' crond.
        var runs = await host.RunAsync(new HostCommand("pgrep", "-x", "cron|crond"), cancellationToken);
        return runs.ExitCode == 0 && await ReadAsync(cancellationToken) is not null;
    }

    public Task InstallAsync(BootEntry entry, CancellationToken cancellationToken) => ChangeAsync(entry, [LineOf(entry)], cancellationToken);

    public Task RemoveAsync(BootEntry entry, CancellationToken cancellationToken) => ChangeAsync(entry, [], cancellationToken);

    /// <summary>The line. The shell of cron takes its words; a percent sign would end the command (man 5 crontab).</summary>
    internal static string LineOf(BootEntry entry) =>
        $"@reboot {string.Join(' ', entry.Words.Select(Quote))} >> {Quote(entry.Log)} 2>&1 {MarkOf(entry)}".Replace("%", "\\%", StringComparison.Ordinal);

    private static string MarkOf(BootEntry entry) => $"# {entry.Name}";

    private static string Quote(string word) => "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    private async Task ChangeAsync(BootEntry entry, IReadOnlyList<string> lines, CancellationToken cancellationToken)
    {
        // The table is one for all services of the user.
        using var turn = await FileLock.TakeAsync(TurnFile, TurnLimit, cancellationToken);
        var before = await ReadAsync(cancellationToken) ?? throw Failed("it cannot be read");
        List<string> after = [.. before.Where(line => !line.EndsWith(MarkOf(entry), StringComparison.Ordinal)), .. lines];
        if (after.SequenceEqual(before, StringComparer.Ordinal))
            return;

        var written = await host.RunAsync(new HostCommand("crontab", "-") { Input = string.Concat(after.Select(line => line + "\n")) }, cancellationToken);
        if (written.ExitCode != 0)
            throw Failed(written.Error.Trim());
    }

    /// <returns>The lines of the table; null when this user may not have one.</returns>
    private async Task<IReadOnlyList<string>?> ReadAsync(CancellationToken cancellationToken)
    {
        var table = await host.RunAsync(new HostCommand("crontab", "-l"), cancellationToken);
        if (table.ExitCode == 0)
            return table.Output.Split('\n') is [.. var lines, ""] ? lines : table.Output.Split('\n');

        return table.Error.Contains("no crontab for", StringComparison.Ordinal) ? [] : null;
    }

    private static UpgradeException Failed(string why) => new("BootEntryFailed", $"The table of cron: {why}", "See what 'crontab -l' says.");
}
