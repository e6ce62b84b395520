using System.Management.Automation;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cmdlets.Bridge;

/// <summary>Writes what an operation tells to the cmdlet's streams. Used by the pipeline thread alone.</summary>
internal sealed class ReportWriter(Cmdlet cmdlet) : IDisposable
{
    private const int ActivityId = 0x5DE;
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(100);
    private readonly string _activity = NameOf(cmdlet);
    private readonly Dictionary<string, (ProgressRecord Record, long WrittenAt)> _bars = new(StringComparer.Ordinal);

    public void Write(ReportEvent told)
    {
        switch (told.Level)
        {
            case ReportLevel.Debug: cmdlet.WriteDebug(told.Message); break;
            case ReportLevel.Verbose: cmdlet.WriteVerbose(Named(told)); break;
            case ReportLevel.Information: cmdlet.WriteInformation(told.Message, Tags(told)); break;
            case ReportLevel.Warning: cmdlet.WriteWarning(told.Shard is null ? told.Message : $"Shard {told.Shard}: {told.Message}"); break;
            case ReportLevel.Progress: WriteProgress(told); break;
        }
    }

    /// <summary>Takes the progress bars away. Those of a stopped pipeline are gone already.</summary>
    public void Dispose()
    {
        try
        {
            foreach (var (record, _) in _bars.Values.Reverse().TakeWhile(_ => !cmdlet.Stopping))
            {
                record.RecordType = ProgressRecordType.Completed;
                cmdlet.WriteProgress(record);
            }
        }
        catch (PipelineStoppedException)
        {
            // Stopped in between; there is no bar to take away.
        }
    }

    // A shard has a bar of its own, below that of the whole.
    private void WriteProgress(ReportEvent told)
    {
        var bar = told.Shard ?? string.Empty;
        var known = _bars.TryGetValue(bar, out var last);
        if (known && told.Percent is not >= 100 && TimeProvider.System.GetElapsedTime(last.WrittenAt) < ProgressInterval)
        {
            return;
        }

        var id = known ? last.Record.ActivityId : ActivityId + (told.Shard is null ? 0 : _bars.Count + 1);
        var progress = new ProgressRecord(id, told.Shard is null ? _activity : $"Shard {told.Shard}", told.Message.Length > 0 ? told.Message : told.Step ?? _activity)
        {
            ParentActivityId = told.Shard is null ? -1 : ActivityId,
            CurrentOperation = told.Step,
            PercentComplete = told.Percent is { } percent ? (int)Math.Clamp(percent, 0, 100) : -1,
            SecondsRemaining = told.Remaining is { } remaining ? (int)Math.Clamp(Math.Ceiling(remaining.TotalSeconds), 0, int.MaxValue) : -1,
        };
        _bars[bar] = (progress, TimeProvider.System.GetTimestamp());
        cmdlet.WriteProgress(progress);
    }

    private static string Named(ReportEvent told) => string.Concat(told.Shard is null ? "" : $"Shard {told.Shard}: ", told.Step is null ? "" : $"{told.Step}: ", told.Message);

    private static string[] Tags(ReportEvent told) => [.. new[] { "StatefulDeploy", told.Step, told.Shard }.OfType<string>()];

    private static string NameOf(Cmdlet cmdlet) => cmdlet is PSCmdlet { MyInvocation.MyCommand.Name: { } name } ? name : cmdlet.GetType().Name;
}
