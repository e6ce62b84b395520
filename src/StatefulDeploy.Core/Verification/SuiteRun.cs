using System.Diagnostics;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Programs;

namespace StatefulDeploy.Verification;

/// <summary>One run of one suite against one cluster.</summary>
internal sealed class SuiteRun(EngineContext context, SuiteDescription suite)
{
    private const int MostOutput = 2_000;

    /// <summary>How a run ended, and what it measured.</summary>
    internal sealed record Outcome(SuiteResult Result, LoadMetrics? Metrics)
    {
        /// <summary>How the statements of a workload are planned; empty for other suites.</summary>
        public IReadOnlyList<StatementPlan> Plans { get; init; } = [];
    }

    /// <summary>Runs it; a program that cannot be started or is too slow is a failed suite, not an exception.</summary>
    internal async Task<Outcome> RunAsync(SuiteTarget target, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        using var scratch = new ScratchFile();
        var results = ResultsFile(scratch);
        try
        {
            if (results is not null)
                File.Delete(results); // One of an earlier run must not be taken for this one's.
            var ended = await UserProgram.RunAsync(Command(target, results), SecretsOf(context), cancellationToken);
            return Judge(ended, results, Stopwatch.GetElapsedTime(begun));
        }
        catch (UpgradeException exception)
        {
            return new Outcome(Failed(Stopwatch.GetElapsedTime(begun), $"{exception.Message} {exception.RecommendedAction}"), Metrics: null);
        }
    }

    private static IReadOnlyList<string> SecretsOf(EngineContext context) =>
        [.. new[] { context.Service.Client, context.Service.Admin }.Select(context.Secrets.Resolve).OfType<string>()];

    private HostCommand Command(SuiteTarget target, string? results)
    {
        var command = suite.PesterFile is { } file ? PesterCommand.For(file) : new HostCommand(suite.Command[0], [.. suite.Command.Skip(1)]);
        return command with
        {
            WorkingFolder = Path.GetDirectoryName(context.Service.Path),
            Environment = target.Environment(context, suite, results).Concat(command.Environment).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal),
            Timeout = suite.Timeout,
        };
    }

    // Pester always leaves results: in a file of ours when the suite names none, or keeps its own for metrics.
    private string? ResultsFile(ScratchFile scratch) => suite.Results is { } named
        ? Path.GetFullPath(named, Path.GetDirectoryName(context.Service.Path)!)
        : suite.PesterFile is null ? null : scratch.Path;

    private Outcome Judge(UserProgram.Ended ended, string? results, TimeSpan elapsed)
    {
        if (ended.ExitCode is null)
            return new Outcome(Failed(elapsed, $"Expected to end within {suite.Timeout}, was still running and was ended. It printed last: {Last(ended.Output)}"), Metrics: null);

        var notes = new List<string>();
        TestResults? tests = null;
        LoadMetrics? metrics = null;
        if (suite.Kind == SuiteKind.Load)
            metrics = ReadMetrics(ended, results, notes);
        else if (results is not null)
            tests = ReadResults(results, notes);

        // Test runners exit with the number of failures: said once is enough.
        if (ended.ExitCode != 0 && tests is not { Failures.Count: > 0 })
            notes.Insert(0, $"Expected exit code 0, actual {ended.ExitCode}. It printed last: {Last(ended.Output)}");
        var result = new SuiteResult
        {
            Name = suite.Name,
            Kind = suite.Kind,
            Passed = notes.Count == 0,
            ExitCode = ended.ExitCode,
            Tests = tests?.Tests,
            Failures = tests?.Failures.Count,
            Elapsed = elapsed,
            Notes = string.Join('\n', notes),
        };
        return new Outcome(result, metrics);
    }

    private TestResults? ReadResults(string results, List<string> notes)
    {
        if (!File.Exists(results))
        {
            notes.Add($"Expected results in '{results}', found no such file.");
            return null;
        }

        try
        {
            var read = TestResults.Read(results);
            notes.AddRange(read.Failures.Select(failure => UserProgram.Blacken(failure, SecretsOf(context))));
            if (read.Tests == 0)
                notes.Add($"Expected at least one test, '{results}' has none.");
            return read;
        }
        catch (InvalidDataException exception)
        {
            notes.Add(exception.Message);
            return null;
        }
    }

    private static LoadMetrics? ReadMetrics(UserProgram.Ended ended, string? results, List<string> notes)
    {
        var text = results is null || !File.Exists(results) ? ended.Output : File.ReadAllText(results);
        var metrics = LoadMetrics.Parse(text);
        if (metrics is null)
            notes.Add($"Expected {LoadMetrics.Expected} {(results is null ? "in the output" : $"in '{results}'")}, found none.");
        return metrics;
    }

    private SuiteResult Failed(TimeSpan elapsed, string notes) => new() { Name = suite.Name, Kind = suite.Kind, Elapsed = elapsed, Notes = notes };

    private static string Last(string output) => output.Length == 0 ? "(nothing)" : output[Math.Max(0, output.Length - MostOutput)..];

    private sealed class ScratchFile : IDisposable
    {
        public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"statefuldeploy-{Guid.NewGuid():N}.xml");

        public void Dispose() => File.Delete(Path);
    }
}
