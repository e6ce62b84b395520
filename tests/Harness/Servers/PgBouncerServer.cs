using System.Net.Sockets;

namespace StatefulDeploy.Harness.Servers;

/// <summary>A real PgBouncer, run as the user postgres.</summary>
public sealed class PgBouncerServer : ServerProcess
{
    /// <summary>Prepares one that is not started yet.</summary>
    /// <param name="installation">Which server.</param>
    /// <param name="folder">Its folder, which exists.</param>
    /// <param name="port">Its port.</param>
    /// <param name="target">The port of the server behind it.</param>
    /// <param name="poolMode">How it pools.</param>
    /// <param name="asksServer">Whether it asks the server for its clients' passwords instead of having them in its file.</param>
    public PgBouncerServer(ServerInstallation installation, string folder, int port, int target, string poolMode, bool asksServer)
        : base(installation, folder, port)
    {
        PostgresServer.LetThrough(folder);
        var users = Path.Combine(folder, "users.txt");
        File.WriteAllText(users, $"\"postgres\" \"{PostgresServer.AdminPassword}\"\n" + (asksServer ? string.Empty : $"\"app\" \"{PostgresServer.ClientPassword}\"\n"));
        File.WriteAllText(ConfigurationFile, $"""
            [databases]
            app = host=127.0.0.1 port={target} dbname=app{(asksServer ? " auth_user=postgres" : string.Empty)}

            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = scram-sha-256
            auth_file = {users}
            admin_users = postgres
            pool_mode = {poolMode}
            default_pool_size = 20
            max_client_conn = 2000
            server_login_retry = 1
            ignore_startup_parameters = extra_float_digits

            """);
        foreach (var file in new[] { users, ConfigurationFile })
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    /// <summary>Its configuration file.</summary>
    public string ConfigurationFile => Path.Combine(Folder, "pgbouncer.ini");

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Arguments => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override (string Program, IReadOnlyList<string> Arguments) Command =>
        ("setpriv", ["--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--", Installation.Program, ConfigurationFile]);

    /// <inheritdoc/>
    protected override async Task<bool> IsReadyAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
