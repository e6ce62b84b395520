using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard.Boot;

/// <summary>Has the guard started with its host for as long as it runs: a reboot inside the closed window then ends it at the deadline like every other death.</summary>
internal sealed class BootStart(IHost host)
{
    private readonly IBootMeans[] _means = [new SystemdMeans(host), new CronMeans(host)];

    /// <summary>The first means that the host has; null for none.</summary>
    public async Task<IBootMeans?> FindAsync(CancellationToken cancellationToken)
    {
        foreach (var means in _means)
        {
            try
            {
                if (await means.IsThereAsync(cancellationToken))
                    return means;
            }
            catch (UpgradeException error) when (error.Category is FailureCategory.NotFound or FailureCategory.AccessDenied)
            {
                // Its program is not there, or not for us.
            }
        }

        return null;
    }

    /// <summary>Whether the guard will be started with its host.</summary>
    public async Task<Finding> InspectAsync(CancellationToken cancellationToken) => await FindAsync(cancellationToken) is { } means
        ? Finding.Inform("StartsAtBoot", $"host {host.Name}", $"For the time of the upgrade {means.Name} starts the watcher with the machine: if this host is rebooted inside the closed window, the watcher ends it when the machine is up again.")
        : Finding.Warn(
            "NoStartAtBoot",
            $"host {host.Name}",
            "Neither systemd nor cron runs here that could start the watcher with the machine: if this host is rebooted inside the closed window, writes stay closed until somebody starts the watcher again.",
            "Let no reboot fall into the window. After one, resume the upgrade: that starts the watcher, which ends a window past its deadline.");

    /// <summary>Has it started with the host from now on, if the host can. What fails is told and keeps nobody from upgrading: preflight has told the risk.</summary>
    public async Task InstallAsync(BootEntry entry, GuardLog log, CancellationToken cancellationToken)
    {
        try
        {
            if (await FindAsync(cancellationToken) is not { } means)
                return;

            await means.InstallAsync(entry, cancellationToken);
            log.Write($"{means.Name} starts the guard with this machine ({entry.Name}).");
        }
        catch (UpgradeException error)
        {
            log.Write($"The guard is not started with this machine: {error.Message}");
        }
    }

    /// <summary>Takes that back.</summary>
    public async Task RemoveAsync(BootEntry entry, GuardLog log, CancellationToken cancellationToken)
    {
        try
        {
            if (await FindAsync(cancellationToken) is { } means)
                await means.RemoveAsync(entry, cancellationToken);
        }
        catch (UpgradeException error)
        {
            log.Write($"'{entry.Name}' still starts the guard with this machine: {error.Message} Started so, the guard ends at once.");
        }
    }
}
