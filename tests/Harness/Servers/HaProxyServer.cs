using System.Net;
using System.Net.Sockets;

namespace StatefulDeploy.Harness.Servers;

/// <summary>A real HAProxy.</summary>
public sealed class HaProxyServer : ServerProcess
{
    private readonly string _configuration;
    private readonly bool _hasSocket;

    /// <summary>Prepares one that is not started yet.</summary>
    /// <param name="installation">Which server.</param>
    /// <param name="folder">Its folder, which exists.</param>
    /// <param name="port">The port that it is ready when it listens on.</param>
    /// <param name="configuration">Its whole configuration; <c>{socket}</c> stands for the path of its admin socket.</param>
    public HaProxyServer(ServerInstallation installation, string folder, int port, string configuration)
        : base(installation, folder, port)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        Socket = Path.Combine(folder, "admin.sock");
        _configuration = Path.Combine(folder, "haproxy.cfg");
        _hasSocket = configuration.Contains("{socket}", StringComparison.Ordinal);
        File.WriteAllText(_configuration, configuration.Replace("{socket}", Socket, StringComparison.Ordinal));
    }

    /// <summary>Its configuration file.</summary>
    public string ConfigurationFile => _configuration;

    /// <summary>Its admin socket, where the configuration has one.</summary>
    public string Socket { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Arguments => ["-db", "-f", _configuration];

    /// <summary>A configuration that passes TCP on to one server.</summary>
    /// <param name="port">Where to listen.</param>
    /// <param name="target">Where the server listens.</param>
    public static string Tcp(int port, int target) => $"""
        global
            stats socket {"{socket}"} mode 600 level admin
            maxconn 4096
            nbthread 1
        defaults
            mode tcp
            timeout connect 5s
            timeout client 1h
            timeout server 1h
        frontend clients
            bind 127.0.0.1:{port}
            default_backend servers
        backend servers
            server s1 127.0.0.1:{target}

        """;

    /// <inheritdoc/>
    protected override async Task<bool> IsReadyAsync()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port));
            return !_hasSocket || File.Exists(Socket); // It gets its name last.
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
