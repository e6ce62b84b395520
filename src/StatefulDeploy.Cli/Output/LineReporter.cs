using System.Globalization;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cli.Output;

/// <summary>Progress as plain lines, for logs: progress itself no more often than every ten percent or five seconds.</summary>
internal sealed class LineReporter(TextWriter output, bool verbose, TimeProvider clock) : IReporter
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();
    private string? _step;
    private double _percent = double.NegativeInfinity;
    private long _shown;

    public void Report(ReportEvent reportEvent)
    {
        lock (_gate)
        {
            if (IsWanted(reportEvent))
                output.WriteLine(Format(reportEvent, clock.GetLocalNow()));
        }
    }

    private static string Format(ReportEvent told, DateTimeOffset now)
    {
        var level = told.Level == ReportLevel.Warning ? "warning: " : string.Empty;
        var step = told.Step is { } name && name != told.Message ? $"{name}: " : string.Empty;
        var percent = told.Percent is { } value ? $" ({value:0} %{(told.Remaining is { } left ? $", {Shown.Rough(left)} left" : string.Empty)})" : string.Empty;
        return string.Create(CultureInfo.InvariantCulture, $"{now:HH:mm:ss} {level}{step}{told.Message}{percent}");
    }

    private bool IsWanted(ReportEvent told) => told.Level switch
    {
        ReportLevel.Debug or ReportLevel.Verbose => verbose,
        ReportLevel.Progress => IsDue(told),
        _ => true,
    };

    private bool IsDue(ReportEvent told)
    {
        var due = told.Step != _step || Math.Abs((told.Percent ?? _percent) - _percent) >= 10 || clock.GetElapsedTime(_shown) >= Quiet;
        if (due)
            (_step, _percent, _shown) = (told.Step, told.Percent ?? _percent, clock.GetTimestamp());
        return due;
    }
}
