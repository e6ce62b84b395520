using System.Globalization;
using System.Security.Cryptography;
using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Load;
using StatefulDeploy.Load.Postgres;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cli.Demo.Engines;

/// <summary>PostgreSQL 15 to 17 behind PgBouncer, where all three are installed.</summary>
internal sealed class PostgresDemo : IDemoEngine
{
    private const string Account = "postgres";
    private const string Database = "app";
    private const string Client = "app";
    private const string Install = "Install it there ('bash tests/servers/install.sh' does on Debian), or run the demo of Garnet, which needs the .NET SDK alone.";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Passable = Private | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(30);

    private readonly string _password = Convert.ToHexString(RandomNumberGenerator.GetBytes(12));

    public string Name => "postgresql";

    public string From => "15";

    public string To => "17";

    // The servers refuse root: then they run as Debian's user.
    private static IReadOnlyList<string> AsAccount => Environment.IsPrivilegedProcess ? ["--reuid", Account, "--regid", Account, "--clear-groups", "--"] : ["--"];

    public async Task<IReadOnlyDictionary<string, string>> FindSoftwareAsync(IHost host, CancellationToken cancellationToken)
    {
        await AskAsync("PgBouncer", PgBouncer, "1.", host, cancellationToken);
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var version in new[] { From, To })
            found[version] = await FindAsync(version, host, cancellationToken);
        return found;
    }

    public bool HasShards => false;

    public string Router(DemoPlace place, NodeEndpoint listen, string name) => string.Create(CultureInfo.InvariantCulture, $$"""
        router: { kind: pgbouncer, listen: "{{listen}}", admin: "{{listen}}", settings: { configFile: {{place.PathOf("pgbouncer.ini")}}, adminUser: {{Account}}, adminPasswordFile: ./password } }
        admin: { user: {{Account}}, passwordFile: ./password }
        client: { user: {{Client}}, passwordFile: ./password }
        settings: { database: {{Database}} }
        """);

    public async Task StartBlueAsync(EngineContext context, DemoPlace place, CancellationToken cancellationToken)
    {
        var node = context.Source.Writer;
        var host = context.Hosts[node.Host];
        var software = Path.GetDirectoryName(context.Service.Software[From].Server)!;
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(place.Folder, Passable);
        await host.WriteFileAsync(place.PathOf("password"), _password + "\n", Private, cancellationToken);
        await host.CreateFolderAsync(Path.GetDirectoryName(node.DataDirectory!)!, Passable, cancellationToken);
        string[] owner = Environment.IsPrivilegedProcess ? ["-o", Account, "-g", Account] : [];
        await RunAsync(host, new HostCommand("install", ["-d", "-m", "0700", .. owner, node.DataDirectory!]), cancellationToken);
        var first = place.PathOf("blue/first-password");
        await host.WriteFileAsync(first, _password + "\n", Private, cancellationToken);
        if (Environment.IsPrivilegedProcess)
            await RunAsync(host, new HostCommand("chown", Account, first), cancellationToken);
        await RunAsync(host, new HostCommand("setpriv", [.. AsAccount, Path.Combine(software, "initdb"), "-D", node.DataDirectory!, "-U", Account, "--pwfile", first, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-instructions"]) { WorkingFolder = "/" }, cancellationToken);
        await host.WriteFileAsync(Path.Combine(node.DataDirectory!, "postgresql.conf"), Configuration(node), Private, cancellationToken);
        await host.StartDetachedAsync(new HostCommand("setpriv", [.. AsAccount, Path.Combine(software, "postgres"), "-D", node.DataDirectory!]) { WorkingFolder = "/" }, node.DataDirectory + ".log", cancellationToken);
        await UntilAsync(node.ToString(), async () => await TryAsync(node.Endpoint, cancellationToken), cancellationToken);
        await ExecuteAsync(node.Endpoint, "postgres", Account, $"CREATE ROLE {Client} LOGIN PASSWORD '{_password}'", cancellationToken);
        await ExecuteAsync(node.Endpoint, "postgres", Account, $"CREATE DATABASE {Database} OWNER {Client}", cancellationToken);
        await ((PostgresLedgerEndpoint)Ledger(node.Endpoint)).CreateAsync(cancellationToken);
    }

    public async Task StartRouterAsync(EngineContext context, DemoPlace place, CancellationToken cancellationToken)
    {
        var host = context.Hosts["local"];
        var listen = context.Service.Router.Listen;
        var blue = context.Source.Writer.Endpoint;
        var (configuration, users) = (place.PathOf("pgbouncer.ini"), place.PathOf("users.txt"));
        await host.WriteFileAsync(users, $"\"{Account}\" \"{_password}\"\n\"{Client}\" \"{_password}\"\n", Private, cancellationToken);
        await host.WriteFileAsync(configuration, string.Create(CultureInfo.InvariantCulture, $"""
            [databases]
            {Database} = host={blue.Host} port={blue.Port} dbname={Database}

            [pgbouncer]
            listen_addr = {listen.Host}
            listen_port = {listen.Port}
            unix_socket_dir =
            auth_type = scram-sha-256
            auth_file = {users}
            admin_users = {Account}
            pool_mode = transaction
            default_pool_size = 40
            max_client_conn = 2000
            server_login_retry = 1
            ignore_startup_parameters = extra_float_digits

            """), Private, cancellationToken);
        if (Environment.IsPrivilegedProcess)
            await RunAsync(host, new HostCommand("chown", $"{Account}:{Account}", configuration, users), cancellationToken);
        await host.StartDetachedAsync(new HostCommand("setpriv", [.. AsAccount, PgBouncer, configuration]) { WorkingFolder = "/" }, place.PathOf("pgbouncer.log"), cancellationToken);
        await UntilAsync("PgBouncer", async () => !await host.IsPortFreeAsync(listen.Host, listen.Port, cancellationToken), cancellationToken);
    }

    public Task FillAsync(NodeEndpoint endpoint, int keys, CancellationToken cancellationToken) => ExecuteAsync(
        endpoint, Database, Client, string.Create(CultureInfo.InvariantCulture, $"CREATE TABLE orders (id int PRIMARY KEY, customer int, note text, at timestamptz DEFAULT now()); INSERT INTO orders SELECT i, i % 997, md5(i::text) FROM generate_series(1, {keys}) i"), cancellationToken);

    public ILedgerEndpoint Ledger(NodeEndpoint endpoint) => new PostgresLedgerEndpoint(endpoint.Host, endpoint.Port, Database, Client, _password);

    private static string PgBouncer => File.Exists("/usr/sbin/pgbouncer") ? "/usr/sbin/pgbouncer" : "pgbouncer";

    private static string Configuration(Node node) => string.Create(CultureInfo.InvariantCulture, $"""
        listen_addresses = '{node.Endpoint.Host}'
        port = {node.Endpoint.Port}
        unix_socket_directories = ''
        wal_level = logical
        max_wal_senders = 20
        max_replication_slots = 20
        max_connections = 200
        wal_retrieve_retry_interval = 500ms

        """);

    private static async Task<string> FindAsync(string version, IHost host, CancellationToken cancellationToken)
    {
        var shared = Environment.GetEnvironmentVariable("STATEFULDEPLOY_SHARED") is { Length: > 0 } named ? named : "/var/cache/statefuldeploy";
        var debian = $"/usr/lib/postgresql/{version}/bin/postgres";
        var made = $"{shared}/servers/postgresql-{version}{debian}";
        var program = File.Exists(made) ? made : debian;
        await AskAsync($"PostgreSQL {version}", program, version + ".", host, cancellationToken);
        return program;
    }

    private static async Task AskAsync(string what, string program, string version, IHost host, CancellationToken cancellationToken)
    {
        try
        {
            var said = await host.RunAsync(new HostCommand(program, "--version"), cancellationToken);
            if (said.Output.Contains(" " + version, StringComparison.Ordinal))
                return;
        }
        catch (UpgradeException exception) when (exception.Category is FailureCategory.NotFound or FailureCategory.OperationFailed)
        {
            // Told below, as another version is.
        }

        throw new UpgradeException("SoftwareMissing", $"{what} is not installed: '{program}' is not there or another version.", Install, FailureCategory.NotFound) { Target = what };
    }

    private static async Task RunAsync(IHost host, HostCommand command, CancellationToken cancellationToken)
    {
        var result = await host.RunAsync(command, cancellationToken);
        if (result.ExitCode != 0)
            throw new UpgradeException("ProgramFailed", $"{command.Program} ended with {result.ExitCode}: {result.Error.Trim()}", "Read what it says; --keep leaves the folder.");
    }

    private static async Task UntilAsync(string what, Func<Task<bool>> isReady, CancellationToken cancellationToken)
    {
        for (var began = Environment.TickCount64; !await isReady(); await Task.Delay(50, cancellationToken))
        {
            if (Environment.TickCount64 - began > StartDeadline.TotalMilliseconds)
                throw new UpgradeException("NodeDidNotStart", $"{what} did not answer within {StartDeadline.TotalSeconds:0} s of its start.", "Read its log; --keep leaves the folder.");
        }
    }

    private async Task<bool> TryAsync(NodeEndpoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(endpoint, "postgres", Account, "SELECT 1", cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task ExecuteAsync(NodeEndpoint endpoint, string database, string user, string sql, CancellationToken cancellationToken)
    {
        var text = new NpgsqlConnectionStringBuilder
        {
            Host = endpoint.Host, Port = endpoint.Port, Database = database, Username = user, Password = _password, Pooling = false, CommandTimeout = 0,
            SslMode = SslMode.Disable, GssEncryptionMode = GssEncryptionMode.Disable,
        };
        await using var connection = new NpgsqlConnection(text.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
