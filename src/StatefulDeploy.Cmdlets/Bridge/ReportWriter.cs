using System.Management.Automation;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cmdlets.Bridge;

/// <summary>Writes what an operation tells to the cmdlet's streams. Used by the pipeline thread alone.</summary>
internal sealed class ReportWriter(Cmdlet cmdlet) : IDisposable
{
    private const int ActivityId = 0x5DE;
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(100);
    private readonly string _activity = NameOf(cmdlet);
    private ProgressRecord? _progress;
    private long _progressWrittenAt;

    public void Write(ReportEvent told)
    {
        switch (told.Level)
        {
            case ReportLevel.Debug: cmdlet.WriteDebug(told.Message); break;
            case ReportLevel.Verbose: cmdlet.WriteVerbose(Named(told)); break;
            case ReportLevel.Information: cmdlet.WriteInformation(told.Message, Tags(told)); break;
            case ReportLevel.Warning: cmdlet.WriteWarning(told.Message); break;
            case ReportLevel.Progress: WriteProgress(told); break;
        }
    }

    /// <summary>Takes the progress bar away. The bar of a stopped pipeline is gone already.</summary>
    public void Dispose()
    {
        if (_progress is null || cmdlet.Stopping)
        {
            return;
        }

        _progress.RecordType = ProgressRecordType.Completed;
        try
        {
            cmdlet.WriteProgress(_progress);
        }
        catch (PipelineStoppedException)
        {
            // Stopped in between; there is no bar to take away.
        }
    }

    private void WriteProgress(ReportEvent told)
    {
        var isLast = told.Percent >= 100;
        if (_progress is not null && !isLast && TimeProvider.System.GetElapsedTime(_progressWrittenAt) < ProgressInterval)
        {
            return;
        }

        _progress = new ProgressRecord(ActivityId, _activity, told.Message.Length > 0 ? told.Message : told.Step ?? _activity)
        {
            CurrentOperation = told.Step,
            PercentComplete = told.Percent is { } percent ? (int)Math.Clamp(percent, 0, 100) : -1,
            SecondsRemaining = told.Remaining is { } remaining ? (int)Math.Clamp(Math.Ceiling(remaining.TotalSeconds), 0, int.MaxValue) : -1,
        };
        _progressWrittenAt = TimeProvider.System.GetTimestamp();
        cmdlet.WriteProgress(_progress);
    }

    private static string Named(ReportEvent told) => told.Step is null ? told.Message : $"{told.Step}: {told.Message}";

    private static string[] Tags(ReportEvent told) => told.Step is null ? ["StatefulDeploy"] : ["StatefulDeploy", told.Step];

    private static string NameOf(Cmdlet cmdlet) => cmdlet is PSCmdlet { MyInvocation.MyCommand.Name: { } name } ? name : cmdlet.GetType().Name;
}
