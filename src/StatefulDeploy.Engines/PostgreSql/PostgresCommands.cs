using Npgsql;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>Statements over a connection, with failures in our own words.</summary>
internal static class PostgresCommands
{
    /// <summary>Runs a statement.</summary>
    /// <exception cref="UpgradeException">The server refused it, or the connection broke.</exception>
    public static Task RunAsync(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object?[] arguments) =>
        GuardAsync(connection, async () =>
        {
            await using NpgsqlCommand command = Command(connection, sql, arguments);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        });

    /// <summary>The first value of the first row; the default when there is none.</summary>
    /// <exception cref="UpgradeException">The server refused it, or the connection broke.</exception>
    public static Task<T?> ScalarAsync<T>(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object?[] arguments) =>
        GuardAsync(connection, async () =>
        {
            await using NpgsqlCommand command = Command(connection, sql, arguments);
            object? value = await command.ExecuteScalarAsync(cancellationToken);
            return value is null or DBNull ? default : (T)value;
        });

    /// <summary>All rows.</summary>
    /// <exception cref="UpgradeException">The server refused it, or the connection broke.</exception>
    public static Task<List<T>> ListAsync<T>(this NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object?[] arguments) =>
        GuardAsync(connection, async () =>
        {
            await using NpgsqlCommand command = Command(connection, sql, arguments);
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
            List<T> rows = [];
            while (await reader.ReadAsync(cancellationToken))
            {
                rows.Add(read(reader));
            }

            return rows;
        });

    /// <summary>All values of a column of text.</summary>
    /// <exception cref="UpgradeException">The server refused it, or the connection broke.</exception>
    public static Task<List<string>> TextsAsync(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object?[] arguments) =>
        connection.ListAsync(sql, row => row.GetString(0), cancellationToken, arguments);

    /// <summary>A setting of the session, as <c>SHOW</c> tells it.</summary>
    public static async Task<string> SettingAsync(this NpgsqlConnection connection, string name, CancellationToken cancellationToken) =>
        await connection.ScalarAsync<string>("SELECT current_setting($1, true)", cancellationToken, name) ?? string.Empty;

    /// <summary>Runs what only the driver can do, with its failures in our own words.</summary>
    /// <exception cref="UpgradeException">The server refused it, or the connection broke.</exception>
    public static async Task<T> GuardAsync<T>(this NpgsqlConnection connection, Func<Task<T>> run)
    {
        try
        {
            return await run();
        }
        catch (PostgresException exception) when (exception.SqlState is not (PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow))
        {
            throw new UpgradeException("StatementRefused", $"{Where(connection)}: {exception.MessageText} ({exception.SqlState}).", "Read the server's log; it names the statement.", FailureCategory.OperationFailed, exception) { Target = Where(connection) };
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException or InvalidOperationException)
        {
            throw new UpgradeException("ConnectionLost", $"{Where(connection)}: {exception.Message}", "Check that the server runs.", FailureCategory.Unreachable, exception) { Target = Where(connection) };
        }
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, object?[] arguments)
    {
        NpgsqlCommand command = new(sql, connection);
        foreach (object? argument in arguments)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = argument ?? DBNull.Value });
        }

        return command;
    }

    private static string Where(NpgsqlConnection connection) => $"{connection.Host}:{connection.Port}/{connection.Database}";
}
