using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>The configuration file of a node on its host.</summary>
/// <param name="Host">The host.</param>
/// <param name="Path">The full path of the file.</param>
/// <param name="Mode">Its permissions, which stay.</param>
/// <param name="Owner">Its owner as <c>uid:gid</c> when that is not us, so that the server can still read what we write; null when it is us.</param>
internal sealed record RedisConfigFile(IHost Host, string Path, UnixFileMode Mode, string? Owner)
{
    /// <summary>Finds the file: the described one, or the one that the server says it was started with.</summary>
    /// <exception cref="UpgradeException">The server was started without one, or it is not there.</exception>
    public static async Task<RedisConfigFile> FindAsync(Node node, RespConnection connection, IHost host, CancellationToken cancellationToken)
    {
        string path = await PathAsync(node, connection, cancellationToken);
        CommandResult status = await host.RunAsync(new HostCommand("stat", "-c", "%a %u:%g", path), cancellationToken);
        CommandResult self = await host.RunAsync(new HostCommand("id", "-u"), cancellationToken);
        if (status.ExitCode != 0)
        {
            throw Missing(path, host);
        }

        string[] words = status.Output.Trim().Split(' ');
        bool ours = words[1].Split(':')[0] == self.Output.Trim();
        return new RedisConfigFile(host, path, (UnixFileMode)Convert.ToInt32(words[0], 8), ours ? null : words[1]);
    }

    /// <summary>The path of the file.</summary>
    /// <exception cref="UpgradeException">The server was started without one.</exception>
    public static async Task<string> PathAsync(Node node, RespConnection connection, CancellationToken cancellationToken)
    {
        string? path = node.ConfigFile ?? (await connection.InfoAsync("server", cancellationToken)).Find("config_file");
        return string.IsNullOrEmpty(path)
            ? throw new UpgradeException("NoConfigurationFile", $"{node} was started without a configuration file, so closing it would not survive a restart.", "Start the server with a configuration file, and name it as the node's 'configFile' if the server does not tell it.", FailureCategory.Refused) { Target = node.Name }
            : path;
    }

    /// <summary>The text.</summary>
    /// <exception cref="UpgradeException">There is no such file on the host.</exception>
    public async Task<string> ReadAsync(CancellationToken cancellationToken) =>
        await Host.ReadFileAsync(Path, cancellationToken) ?? throw Missing(Path, Host);

    /// <summary>Replaces the file as a whole, flushed to disk, with its owner and permissions.</summary>
    public async Task WriteAsync(string text, CancellationToken cancellationToken)
    {
        if (Owner is null)
        {
            await Host.WriteFileAsync(Path, text, Mode, cancellationToken);
            return;
        }

        // The owner is given before the name: at no moment does the name stand for a file that the server cannot read.
        string written = Path + ".statefuldeploy";
        await Host.WriteFileAsync(written, text, Mode, cancellationToken);
        await RunAsync(new HostCommand("chown", Owner, written), cancellationToken);
        await RunAsync(new HostCommand("mv", "-f", written, Path), cancellationToken);
        await RunAsync(new HostCommand("sync", System.IO.Path.GetDirectoryName(Path)!), cancellationToken);
    }

    private async Task RunAsync(HostCommand command, CancellationToken cancellationToken)
    {
        CommandResult result = await Host.RunAsync(command, cancellationToken);
        if (result.ExitCode != 0)
        {
            throw new UpgradeException("ConfigurationFileNotWritable", $"{Path} cannot be replaced: {result.Error.Trim()}", "Run as a user who may write it and give it its owner.", FailureCategory.AccessDenied) { Target = Path };
        }
    }

    private static UpgradeException Missing(string path, IHost host) =>
        new("ConfigurationFileMissing", $"{path} is not there on host '{host.Name}'.", "Name the file that the server really starts with as the node's 'configFile'.", FailureCategory.NotFound) { Target = path };
}
