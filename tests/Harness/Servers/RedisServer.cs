using System.Globalization;
using System.Text;

namespace StatefulDeploy.Harness.Servers;

/// <summary>A real Redis or Valkey server.</summary>
public sealed class RedisServer : RespServer
{
    private readonly string _configuration;

    /// <summary>Prepares one that is not started yet.</summary>
    /// <param name="installation">Which server.</param>
    /// <param name="folder">Its folder, which exists.</param>
    /// <param name="port">Its port.</param>
    /// <param name="settings">Lines of its configuration file, after ours, so that they win.</param>
    public RedisServer(ServerInstallation installation, string folder, int port, IEnumerable<string> settings)
        : base(installation, folder, port)
    {
        _configuration = Path.Combine(folder, "server.conf");
        File.WriteAllText(_configuration, Configure(folder, port, settings));
    }

    /// <summary>Its configuration file, which CONFIG REWRITE writes to.</summary>
    public string ConfigurationFile => _configuration;

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Arguments => [_configuration];

    private static string Configure(string folder, int port, IEnumerable<string> settings)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"port {port}");
        text.AppendLine("bind 127.0.0.1");
        text.AppendLine(CultureInfo.InvariantCulture, $"dir {folder}");
        text.AppendLine("save \"\"");
        text.AppendLine("appendonly no");
        // Otherwise the first full synchronization waits five seconds for other replicas.
        text.AppendLine("repl-diskless-sync-delay 0");
        text.AppendLine("enable-debug-command yes");
        foreach (var line in settings)
        {
            text.AppendLine(line);
        }

        return text.ToString();
    }
}
