using System.Text;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.RespFamily.Comparison;

/// <summary>One run of a comparison: scans source and compares every key, then scans target for keys that source does not have.</summary>
internal sealed class ComparisonRun(ComparisonOptions options, IReporter reporter, TimeProvider clock, ComparisonProgress progress)
{
    private const int Batch = 500;
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(2);

    private readonly long _started = clock.GetTimestamp();
    private long _saved = clock.GetTimestamp();
    private long _inFlux;
    private string _shard = string.Empty;
    private long _total = 1;

    /// <summary>How far it has come.</summary>
    public ComparisonProgress Progress { get; private set; } = progress;

    /// <summary>Compares one shard from where the progress stands to its end.</summary>
    public async Task CompareShardAsync(int index, string name, ComparisonSide source, ComparisonSide target, CancellationToken cancellationToken)
    {
        _shard = name;
        if (Progress.Shard != index)
        {
            Progress = Progress with { Shard = index, LooksForExtras = false, Database = 0, Cursor = "0" };
        }

        IReadOnlyDictionary<int, long> left = await source.DatabasesAsync(cancellationToken);
        IReadOnlyDictionary<int, long> right = await target.DatabasesAsync(cancellationToken);
        _total = Math.Max(1, left.Values.Sum() + right.Values.Sum());
        KeyComparison comparison = new(source, target, options);
        Recheck recheck = new(source, target, comparison, clock);
        if (!Progress.LooksForExtras)
        {
            await ScanAsync(source, left.Keys, [source, target], (keys, database) => CompareAsync(keys, database, comparison, recheck, cancellationToken), cancellationToken);
            Progress = Progress with { LooksForExtras = true, Database = 0, Cursor = "0" };
        }

        await ScanAsync(target, right.Keys, [source, target], (keys, database) => FindExtrasAsync(keys, database, source, recheck, cancellationToken), cancellationToken);
        _inFlux += recheck.InFlux;
    }

    /// <summary>The result; the checkpoint is removed.</summary>
    public ComparisonResult Finish()
    {
        if (options.CheckpointFile is { } file)
        {
            File.Delete(file);
        }

        if (_inFlux > 0)
        {
            reporter.Report(new ReportEvent(ReportLevel.Warning, $"{_inFlux} keys were changed by clients faster than they could be compared; they count as equal."));
        }

        return new ComparisonResult(Progress.Compared, Progress.Differences, Progress.Details, Elapsed);
    }

    private TimeSpan Elapsed => Progress.Elapsed + clock.GetElapsedTime(_started);

    private async Task ScanAsync(ComparisonSide scanned, IEnumerable<int> databases, ComparisonSide[] both, Func<IReadOnlyList<RespArgument>, int, Task> look, CancellationToken cancellationToken)
    {
        foreach (int database in databases.Where(database => database >= Progress.Database).Order().ToList())
        {
            if (database != Progress.Database)
            {
                Progress = Progress with { Database = database, Cursor = "0" };
            }

            await Task.WhenAll(both.Select(side => side.AskAsync(["SELECT", database], cancellationToken)));
            string cursor = Progress.Cursor;
            Task<RespValue> next = scanned.AskAsync(["SCAN", cursor, "COUNT", Batch], cancellationToken);
            do
            {
                RespValue page = await next;
                cursor = page.Items[0].AsString();
                if (cursor != "0")
                {
                    // The next page is fetched while this one is compared.
                    next = scanned.AskAsync(["SCAN", cursor, "COUNT", Batch], cancellationToken);
                }

                await look([.. page.Items[1].Items.Where(IsData).Select(key => new RespArgument(key.Bytes))], database);
                Progress = Progress with { Cursor = cursor };
                SaveNowAndThen();
            }
            while (cursor != "0");

            Progress = Progress with { Database = database + 1, Cursor = "0" };
        }
    }

    private static bool IsData(RespValue key) => !key.Bytes.Span.StartsWith("{statefuldeploy}:"u8);

    private async Task CompareAsync(IReadOnlyList<RespArgument> keys, int database, KeyComparison comparison, Recheck recheck, CancellationToken cancellationToken)
    {
        if (keys.Count > 0 && await comparison.CompareAsync(keys, cancellationToken) is { Count: > 0 } suspects)
        {
            Note(await recheck.RunAsync(suspects, database, cancellationToken), database);
        }

        Progress = Progress with { Compared = Progress.Compared + keys.Count };
    }

    private async Task FindExtrasAsync(IReadOnlyList<RespArgument> keys, int database, ComparisonSide source, Recheck recheck, CancellationToken cancellationToken)
    {
        if (keys.Count > 0)
        {
            IReadOnlyList<RespValue> there = await source.AskAsync([.. keys.Select(key => RespCommand.Create(["EXISTS", key]))], cancellationToken);
            KeyVerdict[] suspects = [.. keys.Where((_, i) => there[i].ThrowIfError().AsInt64() == 0).Select(key => new KeyVerdict(key, "Extra", "nothing", "a key"))];
            if (suspects.Length > 0)
            {
                Note(await recheck.RunAsync(suspects, database, cancellationToken), database);
            }
        }

        Progress = Progress with { Extras = Progress.Extras + keys.Count };
    }

    // A key that differs otherwise was told when source was scanned, or came to be since: only keys that source lacks are told in the second scan.
    private void Note(IReadOnlyList<KeyVerdict> verdicts, int database)
    {
        List<DataDifference> found = [.. verdicts.Where(verdict => !Progress.LooksForExtras || verdict.Kind == "Extra")
            .Select(verdict => new DataDifference(Name(verdict.Key, database), verdict.Kind, verdict.Source, verdict.Target))];
        Progress = Progress with
        {
            Differences = Progress.Differences + found.Count,
            Details = [.. Progress.Details, .. found.Take(options.MaxDifferences - Progress.Details.Count)],
        };
    }

    private string Name(RespArgument key, int database)
    {
        string text = Encoding.UTF8.GetString(key.Bytes.Span);
        return $"{_shard}/db{database}/{(text.Length > 200 ? text[..200] + "…" : text)}";
    }

    private void SaveNowAndThen()
    {
        if (clock.GetElapsedTime(_saved) < SaveEvery)
        {
            return;
        }

        _saved = clock.GetTimestamp();
        double percent = Math.Min(99.9, 100.0 * (Progress.Compared + Progress.Extras) / _total);
        reporter.Report(new ReportEvent(ReportLevel.Progress, $"{Progress.Compared} keys compared, {Progress.Differences} differ") { Percent = percent, Remaining = percent > 0 ? Elapsed * ((100 - percent) / percent) : null });
        if (options.CheckpointFile is { } file)
        {
            string temporary = file + ".tmp";
            File.WriteAllText(temporary, ModelJson.Write(Progress with { Elapsed = Elapsed }));
            File.Move(temporary, file, overwrite: true);
        }
    }
}
