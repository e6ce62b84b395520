namespace StatefulDeploy.Contracts;

/// <summary>A host that is another machine: what a part of ours that runs there is brought and reached by.</summary>
public interface IRemoteHost : IHost
{
    /// <summary>Starts a command and returns when it runs. Its timeout does not hold: it lives as long as the channel.</summary>
    /// <exception cref="UpgradeException">The host cannot be reached, or there is no such program there.</exception>
    Task<IHostChannel> OpenAsync(HostCommand command, CancellationToken cancellationToken);

    /// <summary>
    /// Copies files of this machine into a folder of the host, for its owner alone. The folder is there with all of them, unspoiled, or not at all; one that
    /// is there already is left as it is, so its name must say what is in it.
    /// </summary>
    /// <param name="root">The folder on this machine.</param>
    /// <param name="files">The files, by their paths below it.</param>
    /// <param name="folder">The folder on the host; those above it exist.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task PutFolderAsync(string root, IReadOnlyList<string> files, string folder, CancellationToken cancellationToken);
}
