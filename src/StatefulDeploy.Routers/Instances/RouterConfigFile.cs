using System.Globalization;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Routers.Instances;

/// <summary>The configuration file of one instance, on its host. Its owner and mode stay as they are, so that the router can read what we write.</summary>
internal sealed class RouterConfigFile(IHost host, string path)
{
    // What the configuration will be after the switch, and is in the next file already.
    private string? _next;

    /// <summary>Where it is.</summary>
    public string Path => path;

    private string NextPath => path + ".statefuldeploy.next";

    /// <summary>Its text.</summary>
    /// <exception cref="UpgradeException">It cannot be read.</exception>
    public async Task<string> ReadAsync(CancellationToken cancellationToken) => await host.ReadFileAsync(path, cancellationToken)
        ?? throw new UpgradeException("RouterConfigMissing", $"The router's configuration '{path}' is not there on host '{host.Name}'.", "Name it under router.settings.configFile.", FailureCategory.NotFound) { Target = path };

    /// <summary>Writes the next text beside it, on disk, so that the replacing is a rename and no more.</summary>
    /// <exception cref="UpgradeException">It could not be written.</exception>
    public async Task StageAsync(string text, CancellationToken cancellationToken)
    {
        // A copy has owner and mode, and what is written over it keeps the owner.
        await RunAsync(new HostCommand("cp", "-p", "-T", path, NextPath), cancellationToken);
        await host.WriteFileAsync(NextPath, text, await ModeAsync(cancellationToken), cancellationToken);
        _next = text;
    }

    /// <summary>Makes a text the configuration: by a rename where it was staged. That its folder is on disk is made sure later: a power cut leaves the router at a cluster that is closed.</summary>
    /// <exception cref="UpgradeException">It could not be written.</exception>
    public async Task ReplaceAsync(string text, CancellationToken cancellationToken)
    {
        if (text == Interlocked.Exchange(ref _next, null))
            await host.RenameFileAsync(NextPath, path, cancellationToken);
        else
            await host.WriteFileAsync(path, text, await ModeAsync(cancellationToken), cancellationToken);
    }

    /// <summary>Flushes its folder, and removes what was staged.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        await RunAsync(new HostCommand("sh", "-c", "rm -f -- \"$1\" && exec sync -- \"$(dirname -- \"$1\")\"", "sh", NextPath), cancellationToken);
    }

    private async Task<UnixFileMode> ModeAsync(CancellationToken cancellationToken) =>
        (UnixFileMode)Convert.ToInt32((await RunAsync(new HostCommand("stat", "-L", "-c", "%a", path), cancellationToken)).Trim(), 8);

    private async Task<string> RunAsync(HostCommand command, CancellationToken cancellationToken)
    {
        var result = await host.RunAsync(command, cancellationToken);
        return result.ExitCode == 0 ? result.Output : throw new UpgradeException(
            "RouterConfigFailed", string.Create(CultureInfo.InvariantCulture, $"'{command.Program}' on host '{host.Name}' ended with {result.ExitCode}: {result.Error.Trim()}"), $"Run as a user who may change '{path}'.", FailureCategory.AccessDenied) { Target = path };
    }
}
