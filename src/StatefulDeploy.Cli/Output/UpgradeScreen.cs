using Spectre.Console;
using Spectre.Console.Rendering;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Cli.Output;

/// <summary>Live progress on a terminal: every step with its time, the whole with a bar, lag, and the last things told.</summary>
internal sealed class UpgradeScreen(string title, bool verbose, TimeProvider clock) : IReporter
{
    private const int BarWidth = 40;
    private const int MostTold = 6;
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);

    // Drawing costs milliseconds of a processor that the closed window needs.
    private static readonly TimeSpan RefreshInWindow = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly List<StepRow> _rows = [];
    private readonly Queue<ReportEvent> _told = new();
    private readonly long _begun = clock.GetTimestamp();
    private double _percent;
    private TimeSpan? _remaining;
    private long? _lag;

    /// <summary>Lines that somebody else wants below the steps, such as the figures of a demo's load; null for none.</summary>
    public Func<IRenderable?>? Footer { get; init; }

    /// <summary>Shows an operation until it ends.</summary>
    public async Task<T> RunAsync<T>(IAnsiConsole console, Func<IReporter, Task<T>> operation)
    {
        T result = default!;
        var size = console.Profile;
        await console.Live(Render(size)).StartAsync(async live =>
        {
            var work = operation(this);
            var drawn = clock.GetTimestamp();
            while (await Task.WhenAny(work, Task.Delay(Refresh)) != work)
            {
                if (IsWindow() && clock.GetElapsedTime(drawn) < RefreshInWindow)
                    continue;
                live.UpdateTarget(Render(size));
                drawn = clock.GetTimestamp();
            }

            lock (_gate)
                _rows.FindAll(row => row.Succeeded is null).ForEach(row => row.End(clock, work.IsCompletedSuccessfully));
            live.UpdateTarget(Render(size));
            result = await work;
        });
        return result;
    }

    public void Report(ReportEvent reportEvent)
    {
        lock (_gate)
        {
            if (reportEvent.Step is { } step)
                Enter(reportEvent.Shard, step, reportEvent.Message);
            if (reportEvent is { Shard: null, Percent: { } percent })
                (_percent, _remaining) = (percent, reportEvent.Remaining);
            _lag = reportEvent.LagBytes ?? _lag;
            if (reportEvent.Level >= ReportLevel.Information || (verbose && reportEvent.Level <= ReportLevel.Verbose))
                Remember(reportEvent);
        }
    }

    private void Enter(string? shard, string step, string message)
    {
        var row = _rows.FindLast(row => row.Shard == shard);
        if (row is null || row.Step != step)
        {
            row?.End(clock, succeeded: true);
            _rows.Add(row = new StepRow(shard, step, clock.GetTimestamp()));
        }

        row.Message = message;
    }

    private void Remember(ReportEvent told)
    {
        _told.Enqueue(told);
        if (_told.Count > MostTold)
            _told.Dequeue();
    }

    private bool IsWindow()
    {
        lock (_gate)
            return _rows.Exists(row => row.Succeeded is null && Enum.TryParse<StepName>(row.Step, out var step) && step is >= StepName.Fence and <= StepName.Open);
    }

    // What does not fit on the terminal would be cut off at the end, where it happens: the oldest steps are left out instead.
    private Rows Render(Profile size)
    {
        lock (_gate)
        {
            var parts = new List<IRenderable> { new Markup($"[bold]{Markup.Escape(title)}[/]  [grey]{Quantity.Text(clock.GetElapsedTime(_begun))}[/]"), Bar(), Steps(Math.Max(4, size.Height - MostTold - 8)) };
            parts.AddRange(_told.Select(told => new Markup($"  [{(told.Level == ReportLevel.Warning ? "yellow" : "grey")}]{Markup.Escape(Fit(told.Message, size.Width - 3))}[/]")));
            if (Footer?.Invoke() is { } footer)
                parts.Add(footer);
            return new Rows(parts);
        }
    }

    private Markup Bar()
    {
        var full = (int)Math.Round(Math.Clamp(_percent, 0, 100) / 100 * BarWidth);
        var lag = _lag is { } bytes ? $"  lag {Quantity.Text(bytes)}" : string.Empty;
        var left = _remaining is { } remaining ? $"  {Quantity.Text(remaining)} left" : string.Empty;
        return new Markup($"[green]{new string('━', full)}[/][grey]{new string('━', BarWidth - full)}[/] {_percent:0} %[grey]{left}{lag}[/]");
    }

    private static string Fit(string text, int width) => text.Length <= width ? text : text[..Math.Max(0, width - 1)] + "…";

    private Table Steps(int most)
    {
        var table = new Table().NoBorder().HideHeaders().AddColumns("mark", "step", "time", "message");
        table.Columns[2].RightAligned();
        foreach (var row in _rows.TakeLast(most))
        {
            var mark = row.Succeeded switch { true => "[green]✓[/]", false => "[red]✗[/]", null => "[blue]●[/]" };
            table.AddRow(mark, Markup.Escape(row.Shard is null ? row.Step : $"{row.Shard}: {row.Step}"), $"[grey]{Quantity.Text(row.Elapsed(clock))}[/]", row.Succeeded is null ? Markup.Escape(row.Message) : string.Empty);
        }

        return table;
    }

    private sealed class StepRow(string? shard, string step, long begun)
    {
        private TimeSpan? _elapsed;

        public string? Shard => shard;

        public string Step => step;

        public string Message { get; set; } = string.Empty;

        public bool? Succeeded { get; private set; }

        public TimeSpan Elapsed(TimeProvider clock) => _elapsed ?? clock.GetElapsedTime(begun);

        public void End(TimeProvider clock, bool succeeded)
        {
            _elapsed ??= clock.GetElapsedTime(begun);
            Succeeded ??= succeeded;
        }
    }
}
