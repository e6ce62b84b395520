using Npgsql;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.PostgreSql.Copy;

/// <summary>Makes what belongs to a schema after its rows, each statement once: it is recorded in the transaction that it runs in.</summary>
/// <param name="data">The statements.</param>
/// <param name="open">Opens one more session in the target's database.</param>
/// <param name="memory">The bytes that one session may take to make an index.</param>
internal sealed class PostDataBuild(PostData data, Func<CancellationToken, Task<NpgsqlConnection>> open, long memory)
{
    private const int Tries = 5;

    /// <summary>How many indexes there are to make.</summary>
    public int Count => data.Indexes.Count;

    /// <summary>Makes the indexes, several at once.</summary>
    /// <param name="jobs">How many.</param>
    /// <param name="made">Called for each one that is made, or was made before.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task MakeIndexesAsync(int jobs, Action made, CancellationToken cancellationToken) => PostgresJobs.RunAsync(
        data.Indexes,
        jobs,
        async (line, token) =>
        {
            await using NpgsqlConnection session = await OpenAsync(token);
            HashSet<string> built = await BuiltAsync(session, token);
            while (line.TryDequeue(out string? statement))
            {
                await MakeAsync(session, statement, built, token);
                made();
            }
        },
        cancellationToken);

    /// <summary>Makes what may lean on indexes.</summary>
    public Task MakeRestAsync(CancellationToken cancellationToken) => MakeInTurnAsync(data.Rest, cancellationToken);

    /// <summary>Makes the foreign keys, for which all tables must be of one moment.</summary>
    public Task MakeReferencesAsync(CancellationToken cancellationToken) => MakeInTurnAsync(data.References, cancellationToken);

    private async Task MakeInTurnAsync(IReadOnlyList<string> statements, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection session = await OpenAsync(cancellationToken);
        HashSet<string> built = await BuiltAsync(session, cancellationToken);
        foreach (string statement in statements)
        {
            await MakeAsync(session, statement, built, cancellationToken);
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        NpgsqlConnection session = await open(cancellationToken);
        foreach (string statement in data.Session)
        {
            await session.RunAsync(statement, cancellationToken);
        }

        await session.RunAsync("SELECT pg_catalog.set_config('maintenance_work_mem', $1, false)", cancellationToken, $"{memory >> 10}kB");
        return session;
    }

    private static async Task<HashSet<string>> BuiltAsync(NpgsqlConnection session, CancellationToken cancellationToken) =>
        [.. await session.TextsAsync("SELECT statement FROM statefuldeploy.built", cancellationToken)];

    private static async Task MakeAsync(NpgsqlConnection session, string statement, HashSet<string> built, CancellationToken cancellationToken)
    {
        string key = PostData.KeyOf(statement);
        for (int attempt = 1; !built.Contains(key); attempt++)
        {
            try
            {
                await using NpgsqlTransaction transaction = await session.BeginTransactionAsync(cancellationToken);
                await session.RunAsync(statement, cancellationToken);
                await session.RunAsync("INSERT INTO statefuldeploy.built VALUES ($1)", cancellationToken, key);
                await session.GuardAsync(async () => { await transaction.CommitAsync(cancellationToken); return true; });
                return;
            }
            catch (UpgradeException exception) when (attempt < Tries && exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected })
            {
                // Two keys of a parent and its partition at once: one of them gives way.
            }
        }
    }
}
