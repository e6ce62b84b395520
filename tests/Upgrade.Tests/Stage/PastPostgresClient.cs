using Npgsql;
using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>A client of PostgreSQL that goes past the router.</summary>
internal sealed class PastPostgresClient(string side, int port, TimeSpan pause) : PastClient(side, pause)
{
    protected override async Task<IPastSession> OpenAsync(CancellationToken stop) => new PastSession(Side, await PostgresServer.OpenAsync(port, "app", "app"));

    protected override bool IsExpected(Exception error) => error is NpgsqlException or IOException or TimeoutException or InvalidOperationException;

    private sealed class PastSession(string side, NpgsqlConnection connection) : IPastSession
    {
        public async Task<bool> IsAcceptedAsync(string key, bool inTransaction, CancellationToken stop)
        {
            await using var transaction = inTransaction ? await connection.BeginTransactionAsync(stop) : null;
            await using var command = new NpgsqlCommand("INSERT INTO past VALUES ($1, $2)", connection) { Parameters = { new() { Value = key }, new() { Value = side } } };
            await command.ExecuteNonQueryAsync(stop);
            if (transaction is not null)
            {
                await transaction.CommitAsync(stop);
            }

            return true;
        }

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}
