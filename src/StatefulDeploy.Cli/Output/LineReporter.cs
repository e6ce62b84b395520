using System.Globalization;
using System.Threading.Channels;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cli.Output;

/// <summary>
/// Progress as plain lines, for logs: progress itself no more often than every ten percent or five seconds. Somebody who does not read
/// (a full pipe, a terminal that was stopped) holds up nothing but the lines.
/// </summary>
internal sealed class LineReporter : IReporter, IAsyncDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LastLines = TimeSpan.FromSeconds(2);

    private readonly bool _verbose;
    private readonly TimeProvider _clock;
    private readonly object _gate = new();
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _writing;
    private readonly Dictionary<string, (string? Step, double Percent, long At)> _shown = new(StringComparer.Ordinal);

    public LineReporter(TextWriter output, bool verbose, TimeProvider clock)
    {
        _verbose = verbose;
        _clock = clock;
        _writing = Task.Run(() => WriteAsync(output));
    }

    public void Report(ReportEvent reportEvent)
    {
        lock (_gate)
        {
            if (IsWanted(reportEvent))
                _lines.Writer.TryWrite(Format(reportEvent, _clock.GetLocalNow()));
        }
    }

    /// <summary>Waits for the last lines, but not for somebody who does not read.</summary>
    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await Task.WhenAny(_writing, Task.Delay(LastLines));
    }

    private static string Format(ReportEvent told, DateTimeOffset now)
    {
        var level = told.Level == ReportLevel.Warning ? "warning: " : string.Empty;
        var shard = told.Shard is { } of ? $"[{of}] " : string.Empty;
        var step = told.Step is { } name && name != told.Message ? $"{name}: " : string.Empty;
        var percent = told.Percent is { } value ? $" ({value:0} %{(told.Remaining is { } left ? $", {Quantity.Text(left)} left" : string.Empty)})" : string.Empty;
        return string.Create(CultureInfo.InvariantCulture, $"{now:HH:mm:ss} {shard}{level}{step}{told.Message}{percent}");
    }

    private async Task WriteAsync(TextWriter output)
    {
        await foreach (var line in _lines.Reader.ReadAllAsync())
        {
            try
            {
                await output.WriteLineAsync(line);
            }
            catch (IOException)
            {
                // Nobody is there to read any more; that is no reason to stop an upgrade.
            }
        }
    }

    private bool IsWanted(ReportEvent told) => told.Level switch
    {
        ReportLevel.Debug or ReportLevel.Verbose => _verbose,
        ReportLevel.Progress => IsDue(told),
        _ => true,
    };

    private bool IsDue(ReportEvent told)
    {
        var last = _shown.GetValueOrDefault(told.Shard ?? string.Empty, (Step: null, Percent: double.NegativeInfinity, At: 0));
        var due = told.Step != last.Step || Math.Abs((told.Percent ?? last.Percent) - last.Percent) >= 10 || _clock.GetElapsedTime(last.At) >= Quiet;
        if (due)
            _shown[told.Shard ?? string.Empty] = (told.Step, told.Percent ?? last.Percent, _clock.GetTimestamp());
        return due;
    }
}
