using System.Collections.Concurrent;
using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql.Copy;

/// <summary>
/// Copies one database whose tables are made and empty, or goes on with a copy that was ended. The permanent slot keeps all changes from its beginning.
/// Tables are copied from the snapshot that it shows; when that is gone with its session, those that are still missing are copied from a later one, and
/// the subscription is told from which point on each of these wants its changes, as the server's own copy tells it. So no row is missed or comes twice.
/// </summary>
internal sealed class DatabaseCopy(string database, EngineContext context, CopySettings settings, CopyMeter meter)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    private readonly PostgresAccess _access = new(context.Service, context.Secrets);
    private readonly PostgresSubscription _subscription = new(context, database);
    private readonly CopyThrottle _throttle = new(settings.BytesPerSecond, context.Clock);

    /// <summary>Copies what is missing, makes what comes after the rows, and lets the target follow.</summary>
    /// <exception cref="UpgradeException">A server was lost or refused something; what is recorded stays.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using NpgsqlConnection source = await OpenAsync(context.Source.Writer, cancellationToken);
        await using NpgsqlConnection target = await OpenAsync(context.Target.Writer, cancellationToken);
        (long tables, long indexes) = await CopyCatalog.MeasureAsync(source, cancellationToken);
        (bool isThere, string? lsn) = await CopyRecord.FindAsync(target, context.UpgradeId, cancellationToken);
        if (!isThere)
        {
            meter.Add(tables + indexes);
            return;
        }

        lsn = await CopyRowsAsync(source, target, lsn, cancellationToken);
        PostDataBuild build = await PrepareBuildAsync(cancellationToken);
        await MakeSchemaWholeAsync(build, indexes, cancellationToken);
        Dictionary<string, string> later = (await CopyRecord.WholeAsync(target, cancellationToken)).Where(table => table.Value != lsn).ToDictionary(StringComparer.Ordinal);
        if (later.Count == 0)
        {
            await build.MakeReferencesAsync(cancellationToken);
        }

        await AnalyzeAsync(target, cancellationToken);
        await _subscription.AttachAsync(source, target, lsn, later, cancellationToken);
        if (later.Count > 0)
        {
            await OfOneMomentAsync(target, cancellationToken);
            await build.MakeReferencesAsync(cancellationToken);
        }

        await CopyRecord.EndAsync(target, cancellationToken);
    }

    private Task<NpgsqlConnection> OpenAsync(Node node, CancellationToken cancellationToken) =>
        _access.ConnectAsync(node, PostgresAccount.Control, "copy", cancellationToken, database);

    // Gives the point from which the slot has all changes.
    private async Task<string> CopyRowsAsync(NpgsqlConnection source, NpgsqlConnection target, string? lsn, CancellationToken cancellationToken)
    {
        Dictionary<string, string> whole = await CopyRecord.WholeAsync(target, cancellationToken);
        List<CopyTable> all = await CopyCatalog.TablesAsync(source, cancellationToken);
        List<CopyTable> missing = [.. all.Where(table => !whole.ContainsKey(table.Name))];
        meter.Add(all.Sum(table => table.Bytes) - missing.Sum(table => table.Bytes));
        if (lsn is not null && missing.Count == 0)
        {
            return lsn;
        }

        await CopyRecord.EmptyAsync(target, [.. missing.Select(table => table.Name)], cancellationToken);
        if (lsn is null)
        {
            // One that was made without our having got to know its beginning is of no use.
            await PostgresSource.DropSlotAsync(source, _subscription.Slot, cancellationToken);
        }

        string connection = _access.ReplicationText(context.Source.Writer, database);
        string slot = lsn is null ? _subscription.Slot : _subscription.CopySlot;
        await using CopySnapshot snapshot = await CopySnapshot.TakeAsync(connection, slot, isTemporary: lsn is not null, cancellationToken);
        if (lsn is null)
        {
            await CopyRecord.KeepSlotAsync(target, snapshot.Lsn, cancellationToken);
        }

        CopyPart[] parts = [.. missing.SelectMany(table => table.Split(settings.PartBytes))];
        await PostgresJobs.RunAsync(parts, settings.Jobs, (line, token) => CopyPartsAsync(line, snapshot, token), cancellationToken);
        return lsn ?? snapshot.Lsn;
    }

    private async Task CopyPartsAsync(ConcurrentQueue<CopyPart> line, CopySnapshot snapshot, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection source = await _access.ConnectAsync(context.Source.Writer, PostgresAccount.Control, "copy", cancellationToken, database, PostgresAccess.BulkBuffer);
        await using NpgsqlConnection target = await _access.ConnectAsync(context.Target.Writer, PostgresAccount.Control, "copy", cancellationToken, database, PostgresAccess.BulkBuffer);
        PartCopier copier = await PartCopier.OpenAsync(source, target, snapshot, context.UpgradeId, _throttle, meter, cancellationToken);
        while (line.TryDequeue(out CopyPart? part))
        {
            await copier.CopyAsync(part, cancellationToken);
        }
    }

    private async Task<PostDataBuild> PrepareBuildAsync(CancellationToken cancellationToken)
    {
        PostData data = PostData.Of(await new PostgresSchemaCopy(context).DumpAsync(database, PostgresSchemaCopy.AfterRows, cancellationToken));
        IHost host = context.Hosts[context.Target.Writer.Host];
        HostCapacity capacity = await host.MeasureAsync(context.Target.Writer.DataDirectory ?? "/", cancellationToken);
        return new PostDataBuild(data, token => OpenAsync(context.Target.Writer, token), Math.Clamp(capacity.FreeMemoryBytes / 8 / settings.Jobs, 64L << 20, 2L << 30));
    }

    private async Task MakeSchemaWholeAsync(PostDataBuild build, long bytes, CancellationToken cancellationToken)
    {
        long share = build.Count == 0 ? 0 : bytes / build.Count;
        await build.MakeIndexesAsync(settings.Jobs, () => meter.Add(share), cancellationToken);
        await build.MakeRestAsync(cancellationToken);
        meter.Add(bytes - (share * build.Count));
    }

    private async Task AnalyzeAsync(NpgsqlConnection target, CancellationToken cancellationToken) => await PostgresJobs.RunAsync(
        await target.TextsAsync(PostgresReadiness.WithoutStatistics, cancellationToken),
        settings.Jobs,
        async (line, token) =>
        {
            await using NpgsqlConnection session = await OpenAsync(context.Target.Writer, token);
            while (line.TryDequeue(out string? table))
            {
                await session.RunAsync($"ANALYZE {table}", token);
            }
        },
        cancellationToken);

    // Tables of two snapshots are of one moment when the stream has come past the later one.
    private async Task OfOneMomentAsync(NpgsqlConnection target, CancellationToken cancellationToken)
    {
        while (!await target.ScalarAsync<bool>(
            "SELECT NOT EXISTS (SELECT FROM pg_subscription_rel r JOIN pg_subscription s ON s.oid = r.srsubid WHERE s.subname = $1 AND s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND r.srsubstate <> 'r')",
            cancellationToken, PostgresNames.Subscription(context.Target.Colour)))
        {
            await Task.Delay(Look, context.Clock, cancellationToken);
        }
    }
}
