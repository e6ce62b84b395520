using Npgsql;

namespace StatefulDeploy.Load.Postgres;

/// <summary>A database of PostgreSQL, or a pooler in front of one.</summary>
/// <param name="host">Where it is.</param>
/// <param name="port">Its port.</param>
/// <param name="database">The database.</param>
/// <param name="user">The user to sign in as.</param>
/// <param name="password">The password, if one is asked.</param>
public sealed class PostgresLedgerEndpoint(string host, int port, string database, string user, string? password = null) : ILedgerEndpoint
{
    /// <summary>The tables of a ledger. Its list takes numbers from a sequence, so that one that was not carried shows.</summary>
    public const string Schema = """
        CREATE TABLE IF NOT EXISTS ledger_record (client int, number bigint, value text NOT NULL, PRIMARY KEY (client, number));
        CREATE TABLE IF NOT EXISTS ledger_counter (client int PRIMARY KEY, n bigint NOT NULL);
        CREATE TABLE IF NOT EXISTS ledger_list (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, client int NOT NULL, number bigint NOT NULL);
        CREATE TABLE IF NOT EXISTS ledger_text (client int PRIMARY KEY, entries text NOT NULL)
        """;

    /// <summary>Makes the tables.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(Schema, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public ILedgerClient NewClient(LedgerOptions options, TimeProvider time) => new PostgresLedgerClient(ConnectionString, options, time);

    // Nothing that outlives a transaction is used, so that a pooler may give each transaction another server.
    private string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = host,
        Port = port,
        Database = database,
        Username = user,
        Password = password,
        Pooling = false,
        NoResetOnClose = true,
        CommandTimeout = 0,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
        ApplicationName = "ledger",
    }.ConnectionString;
}
