using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>Opens connections to nodes as one of the accounts of a service.</summary>
internal sealed class PostgresAccess(ServiceDescription service, ISecrets secrets)
{
    /// <summary>Our role on every node. A superuser: it makes subscriptions and ends the sessions of other superusers.</summary>
    public const string ControlRole = "statefuldeploy";

    /// <summary>What the application names of all our connections begin with.</summary>
    public const string NamePrefix = "statefuldeploy-";

    /// <summary>The bytes that a session which carries a table takes in or sends at a time.</summary>
    public const int BulkBuffer = 256 << 10;

    /// <summary>The role by which green's replicas follow its primary. It stays when an upgrade has ended, as they do.</summary>
    public const string ReplicationRole = "statefuldeploy_replication";

    private const int OrdinaryBuffer = 8 << 10;
    private const string ControlSecret = "postgresql-control";
    private const string ReplicationSecret = "postgresql-replication";
    private const string DefaultDatabase = "postgres";

    // Statements of ours carry passwords of ours: they stay out of the server's log.
    private const string ControlOptions = "-c log_statement=none -c log_min_duration_statement=-1 -c log_min_error_statement=panic -c lock_timeout=0 -c statement_timeout=0 "
        + "-c idle_in_transaction_session_timeout=0 -c idle_session_timeout=0 -c default_transaction_read_only=off -c synchronous_commit=on -c search_path=pg_catalog";

    /// <summary>The password of our role.</summary>
    public string ControlPassword => secrets.GetOrCreate(ControlSecret);

    /// <summary>The password of <see cref="ReplicationRole"/>.</summary>
    public string ReplicationPassword => secrets.GetOrCreate(ReplicationSecret);

    /// <summary>The database in which clients' sessions are probed.</summary>
    public string ClientDatabase => service.Settings.GetValueOrDefault("database") ?? DefaultDatabase;

    /// <summary>The role of an ordinary client.</summary>
    public string ClientUser => Login(PostgresAccount.Client).User;

    /// <summary>Connects as an account.</summary>
    /// <exception cref="UpgradeException">The node cannot be reached, or refuses the account.</exception>
    public async Task<NpgsqlConnection> ConnectAsync(Node node, PostgresAccount account, string purpose, CancellationToken cancellationToken, string? database = null, int buffer = OrdinaryBuffer)
    {
        try
        {
            return await OpenAsync(node, account, purpose, cancellationToken, database, buffer);
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.TooManyConnections)
        {
            throw Unreachable(node, exception);
        }
        catch (PostgresException exception)
        {
            throw new UpgradeException("LoginRefused", $"{node} refuses the account of {account}: {exception.MessageText} ({exception.SqlState}).", "Check user and password in the service file, and pg_hba.conf on the node.", FailureCategory.AccessDenied, exception) { Target = node.Name };
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or IOException)
        {
            throw Unreachable(node, exception);
        }
    }

    /// <summary>Connects as our role, or as the administrator where a node does not know it: a closed node lets in our role alone, an untouched one only the administrator.</summary>
    /// <exception cref="UpgradeException">The node cannot be reached, or refuses both.</exception>
    public async Task<NpgsqlConnection> ConnectAnyAsync(Node node, string purpose, CancellationToken cancellationToken, string? database = null)
    {
        try
        {
            return await ConnectAsync(node, PostgresAccount.Control, purpose, cancellationToken, database);
        }
        catch (UpgradeException exception) when (exception.Category == FailureCategory.AccessDenied)
        {
            return await ConnectAsync(node, PostgresAccount.Admin, purpose, cancellationToken, database);
        }
    }

    /// <summary>Connects as an account; the driver's own exceptions tell why not.</summary>
    public async Task<NpgsqlConnection> OpenAsync(Node node, PostgresAccount account, string purpose, CancellationToken cancellationToken, string? database = null, int buffer = OrdinaryBuffer)
    {
        NpgsqlConnection connection = new(Text(node, account, purpose, database, buffer));
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>An ordinary client's session; null where the node's rules keep it out.</summary>
    /// <exception cref="UpgradeException">The node cannot be reached.</exception>
    public async Task<NpgsqlConnection?> TryOpenAsync(Node node, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync(node, PostgresAccount.Client, "probe", cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            return null;
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or IOException)
        {
            throw Unreachable(node, exception);
        }
    }

    /// <summary>Whether a node's rules let an ordinary client in. Without TLS its password is not needed for that: the server asks for it, or refuses at once.</summary>
    /// <exception cref="UpgradeException">The node cannot be reached.</exception>
    public async Task<bool> IsLetInAsync(Node node, CancellationToken cancellationToken)
    {
        try
        {
            if (service.TlsCaFile is null)
            {
                return await PostgresKnock.IsLetInAsync(node.Endpoint, Login(PostgresAccount.Client).User, ClientDatabase, cancellationToken);
            }

            await using NpgsqlConnection? session = await TryOpenAsync(node, cancellationToken);
            return session is not null;
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException)
        {
            throw Unreachable(node, exception);
        }
    }

    /// <summary>How the driver's replication reaches a node as our role.</summary>
    public string ReplicationText(Node node, string database) => Text(node, PostgresAccount.Control, "copy", database, OrdinaryBuffer);

    /// <summary>How a server reaches another one as our role: the connection string of a subscription.</summary>
    public string ServerConnection(Node node, string database) => string.Join(' ', new[]
    {
        $"host={PostgresText.ConnectionValue(node.Endpoint.Host)}",
        $"port={node.Endpoint.Port}",
        $"user={ControlRole}",
        $"password={PostgresText.ConnectionValue(ControlPassword)}",
        $"dbname={PostgresText.ConnectionValue(database)}",
        service.TlsCaFile is { } ca ? $"sslmode=verify-ca sslrootcert={PostgresText.ConnectionValue(ca)}" : "sslmode=prefer",
    });

    /// <summary>How a client program reaches a node, and the environment that holds the password.</summary>
    public (string Connection, IReadOnlyDictionary<string, string?> Environment) ForPrograms(Node node, PostgresAccount account, string database)
    {
        (string user, string? password) = Login(account);
        string text = $"host={PostgresText.ConnectionValue(node.Endpoint.Host)} port={node.Endpoint.Port} user={PostgresText.ConnectionValue(user)} dbname={PostgresText.ConnectionValue(database)}"
            + (service.TlsCaFile is { } ca ? $" sslmode=verify-ca sslrootcert={PostgresText.ConnectionValue(ca)}" : string.Empty);
        return (text, new Dictionary<string, string?>(StringComparer.Ordinal) { ["PGPASSWORD"] = password, ["PGAPPNAME"] = NamePrefix + "program" });
    }

    /// <summary>How a replica reaches its primary, and the environment that holds the password.</summary>
    public (string Connection, IReadOnlyDictionary<string, string?> Environment) ForReplica(Node primary, Node replica)
    {
        string text = $"host={PostgresText.ConnectionValue(primary.Endpoint.Host)} port={primary.Endpoint.Port} user={ReplicationRole} application_name={PostgresText.ConnectionValue(replica.Name)}"
            + (service.TlsCaFile is { } ca ? $" sslmode=verify-ca sslrootcert={PostgresText.ConnectionValue(ca)}" : string.Empty);
        return (text, new Dictionary<string, string?>(StringComparer.Ordinal) { ["PGPASSWORD"] = ReplicationPassword });
    }

    private static UpgradeException Unreachable(Node node, Exception exception) =>
        new("NodeUnreachable", $"{node} does not answer: {exception.Message}", "Check that the server runs, its address and port, and that nothing between filters them.", FailureCategory.Unreachable, exception) { Target = node.Name };

    private (string User, string? Password) Login(PostgresAccount account) => account switch
    {
        PostgresAccount.Control => (ControlRole, ControlPassword),
        PostgresAccount.Client when service.Client is not null => (service.Client.User ?? DefaultDatabase, secrets.Resolve(service.Client)),
        _ => (service.Admin?.User ?? DefaultDatabase, secrets.Resolve(service.Admin)),
    };

    private string Text(Node node, PostgresAccount account, string purpose, string? database, int buffer)
    {
        (string user, string? password) = Login(account);
        NpgsqlConnectionStringBuilder text = new()
        {
            Host = node.Endpoint.Host,
            Port = node.Endpoint.Port,
            Username = user,
            Password = password,
            Database = database ?? (account == PostgresAccount.Client ? ClientDatabase : DefaultDatabase),
            Pooling = false,
            ReadBufferSize = buffer,
            WriteBufferSize = buffer,
            Timeout = Math.Max(1, (int)service.Limits.Answer.TotalSeconds),
            CommandTimeout = 0,
            ApplicationName = NamePrefix + purpose,
            GssEncryptionMode = GssEncryptionMode.Disable,
            SslMode = service.TlsCaFile is null ? SslMode.Disable : SslMode.VerifyCA,
            RootCertificate = service.TlsCaFile,
        };
        if (account == PostgresAccount.Control)
        {
            text.Options = ControlOptions;
        }

        return text.ConnectionString;
    }
}
