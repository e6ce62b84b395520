using Npgsql;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.PostgreSql.Copy;

/// <summary>Copies all databases of a cluster, one after the other, and goes on after a server was lost for a while.</summary>
internal sealed class ClusterCopy(EngineContext context, CopyMeter meter)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Copies them.</summary>
    /// <exception cref="UpgradeException">Something is refused, or a server stays away.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        long farthest = 0;
        for (long since = context.Clock.GetTimestamp(); ;)
        {
            try
            {
                meter.Reset();
                await CopyAsync(cancellationToken);
                return;
            }
            catch (UpgradeException exception) when (IsPassing(exception) && (meter.Done > farthest || context.Clock.GetElapsedTime(since) < Patience))
            {
                if (meter.Done > farthest)
                {
                    farthest = meter.Done;
                    since = context.Clock.GetTimestamp();
                }

                await Task.Delay(Pause, context.Clock, cancellationToken);
            }
        }
    }

    // A server that comes back has lost the snapshot, and a table that was written anew has other blocks: the next try takes a new snapshot. Why
    // pg_dump ended is told by its words alone; it may have lost its server.
    private static bool IsPassing(UpgradeException exception) => exception.Category == FailureCategory.Unreachable || exception.ErrorId is "TableRewritten" or "ProgramFailed";

    private async Task CopyAsync(CancellationToken cancellationToken)
    {
        CopySettings settings = CopySettings.Of(context.Service);
        PostgresAccess access = new(context.Service, context.Secrets);
        List<string> databases;
        await using (NpgsqlConnection source = await access.ConnectAsync(context.Source.Writer, PostgresAccount.Control, "copy", cancellationToken))
        {
            databases = await source.TextsAsync(PostgresNames.Databases, cancellationToken);
        }

        long total = 0;
        foreach (string database in databases)
        {
            await using NpgsqlConnection one = await access.ConnectAsync(context.Source.Writer, PostgresAccount.Control, "copy", cancellationToken, database);
            (long tables, long indexes) = await CopyCatalog.MeasureAsync(one, cancellationToken);
            total += tables + indexes;
        }

        meter.Total = total;
        foreach (string database in databases)
        {
            await new DatabaseCopy(database, context, settings, meter).RunAsync(cancellationToken);
        }
    }
}
