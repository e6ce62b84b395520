using System.Diagnostics;
using System.Globalization;
using Npgsql;
using StatefulDeploy.Load.Postgres;

namespace StatefulDeploy.Harness.Servers;

/// <summary>A real PostgreSQL, run as the user postgres, with a superuser <c>postgres</c> and a client <c>app</c> who log in by password.</summary>
public sealed class PostgresServer : ServerProcess
{
    /// <summary>The superuser's password.</summary>
    public const string AdminPassword = "admin secret";

    /// <summary>The client's password.</summary>
    public const string ClientPassword = "client's secret";

    private const string Rules = """
        local all postgres trust
        host all all 127.0.0.1/32 scram-sha-256

        """;

    private readonly string _bin;

    /// <summary>Prepares one that is not started yet.</summary>
    /// <param name="installation">Which server.</param>
    /// <param name="folder">Its folder, which exists.</param>
    /// <param name="port">Its port.</param>
    /// <param name="settings">Lines of its configuration file, after ours, so that they win.</param>
    public PostgresServer(ServerInstallation installation, string folder, int port, IEnumerable<string> settings)
        : base(installation, folder, port)
    {
        _bin = Path.GetDirectoryName(installation.Program)!;
        LetThrough(folder);
        Run("install", "-d", "-m", "0700", "-o", "postgres", "-g", "postgres", Data);
        var password = Path.Combine(folder, "password");
        File.WriteAllText(password, AdminPassword + "\n");
        Run("chmod", "0644", password);
        AsPostgres(Path.Combine(_bin, "initdb"), "-D", Data, "-U", "postgres", "--pwfile", password, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-instructions", "--no-sync");
        File.WriteAllText(Path.Combine(Data, "pg_hba.conf"), Rules);
        File.AppendAllText(Path.Combine(Data, "postgresql.conf"), Configure(port, settings));
    }

    /// <summary>Prepares a physical replica that is not started yet.</summary>
    /// <param name="primary">Whom it is to follow; it runs, and lets its superuser replicate.</param>
    /// <param name="folder">Its folder, which exists.</param>
    /// <param name="port">Its port.</param>
    public PostgresServer(PostgresServer primary, string folder, int port)
        : base(primary.Installation, folder, port)
    {
        _bin = primary._bin;
        LetThrough(folder);
        Run("install", "-d", "-m", "0700", "-o", "postgres", "-g", "postgres", Data);
        AsPostgres(Path.Combine(_bin, "pg_basebackup"), "-D", Data, "-d", $"host=127.0.0.1 port={primary.Port} user=postgres password='{AdminPassword}'", "--checkpoint=fast", "--write-recovery-conf", "--no-sync");
        File.AppendAllText(Path.Combine(Data, "postgresql.conf"), $"port = {port}\n");
    }

    /// <summary>Its data directory.</summary>
    public string Data => Path.Combine(Folder, "data");

    /// <summary>It as a ledger's service, past every router, as the ordinary client.</summary>
    public PostgresLedgerEndpoint Ledger => new("127.0.0.1", Port, "app", "app", ClientPassword);

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Arguments => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override (string Program, IReadOnlyList<string> Arguments) Command =>
        ("setpriv", ["--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--", Installation.Program, "-D", Data]);

    /// <summary>A connection of its own.</summary>
    /// <param name="database">The database.</param>
    /// <param name="user">Who; the superuser or the client.</param>
    public async Task<NpgsqlConnection> OpenAsync(string database = "postgres", string user = "postgres") => await OpenAsync(Port, database, user);

    /// <summary>A connection of its own to any server of this kind.</summary>
    /// <param name="port">Its port.</param>
    /// <param name="database">The database.</param>
    /// <param name="user">Who; the superuser or the client.</param>
    public static async Task<NpgsqlConnection> OpenAsync(int port, string database, string user)
    {
        var text = new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1", Port = port, Database = database, Username = user, Password = user == "app" ? ClientPassword : AdminPassword,
            Pooling = false, SslMode = SslMode.Disable, GssEncryptionMode = GssEncryptionMode.Disable,
        };
        var connection = new NpgsqlConnection(text.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Runs statements on a connection of their own, as the superuser.</summary>
    /// <param name="sql">The statements.</param>
    /// <param name="database">The database.</param>
    /// <returns>The first value of the last one's first row as text.</returns>
    public async Task<string> AskAsync(string sql, string database = "postgres")
    {
        await using var connection = await OpenAsync(database);
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToString(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture) ?? string.Empty;
    }

    /// <summary>Makes the client and its database, with the tables of a ledger.</summary>
    public async Task CreateAppAsync()
    {
        await AskAsync($"CREATE ROLE app LOGIN PASSWORD E'{ClientPassword.Replace("'", "\\'", StringComparison.Ordinal)}'");
        await AskAsync("CREATE DATABASE app OWNER app");
        await Ledger.CreateAsync(CancellationToken.None);
    }

    /// <summary>Kills it, and waits until its children have seen it: before that it could not be started again.</summary>
    public async Task CrashAsync()
    {
        var children = File.ReadAllText($"/proc/{Process.Id}/task/{Process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        await KillAsync();
        await TestBed.WaitUntilAsync(() => Task.FromResult(!children.Any(child => Directory.Exists($"/proc/{child}"))), "its children are gone", TimeSpan.FromSeconds(20));
    }

    /// <summary>Lets another user pass through a folder and those above it that are ours.</summary>
    /// <param name="folder">The folder.</param>
    public static void LetThrough(string folder)
    {
        for (var at = folder; at is not (null or "/" or "/tmp" or "/root" or "/home"); at = Path.GetDirectoryName(at))
            File.SetUnixFileMode(at, File.GetUnixFileMode(at) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
    }

    // On SIGTERM it would wait until every session has ended by itself.
    /// <inheritdoc/>
    protected override void AskToEnd() => Process.Interrupt();

    /// <inheritdoc/>
    protected override async Task<bool> IsReadyAsync()
    {
        try
        {
            await using var connection = await OpenAsync();
            return true;
        }
        catch (PostgresException error)
        {
            // A server that keeps us out is up.
            return error.SqlState == PostgresErrorCodes.InvalidAuthorizationSpecification;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static string Configure(int port, IEnumerable<string> settings) => string.Join('\n', [
        $"port = {port}", "listen_addresses = '127.0.0.1'", "unix_socket_directories = ''", "wal_level = logical", "max_wal_senders = 32", "max_replication_slots = 32",
        "max_logical_replication_workers = 16", "max_worker_processes = 24", "wal_retrieve_retry_interval = 500ms", "max_connections = 200", "shared_buffers = 32MB", "max_prepared_transactions = 10",
        "dynamic_shared_memory_type = posix", .. settings, string.Empty]);

    private static void AsPostgres(string program, params string[] arguments) => Run("setpriv", ["--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--", program, .. arguments]);

    private static void Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!;
        var said = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {said}");
    }
}
