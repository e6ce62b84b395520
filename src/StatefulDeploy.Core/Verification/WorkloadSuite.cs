using System.Diagnostics;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Verification;

/// <summary>One run of a suite that the engine replays itself.</summary>
internal sealed class WorkloadSuite(EngineContext context, SuiteDescription suite, IWorkload workload)
{
    /// <summary>Where the sample of a suite is kept.</summary>
    internal string SampleFolder => Path.Combine(context.Service.StateDirectory, "workloads", FileName.Of(suite.Name));

    /// <summary>Runs it; what cannot be replayed is a failed suite, not an exception.</summary>
    internal async Task<SuiteRun.Outcome> RunAsync(ClusterLayout cluster, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        var result = new SuiteResult { Name = suite.Name, Kind = SuiteKind.Load };
        try
        {
            var sampled = !Directory.Exists(SampleFolder);
            var scripts = await workload.PrepareAsync(context, suite, SampleFolder, cancellationToken);
            if (sampled && suite.Workload!.Sample > 0)
                LoadBaseline.Forget(context.Service.StateDirectory, suite); // It was measured with other statements.

            var run = await workload.RunAsync(context, cluster, suite, scripts, cancellationToken);
            var passed = run.Metrics is not null && run.Failures.Count == 0;
            return new SuiteRun.Outcome(result with { Passed = passed, Elapsed = Stopwatch.GetElapsedTime(begun), Notes = string.Join('\n', run.Failures) }, run.Metrics) { Plans = run.Plans };
        }
        catch (UpgradeException exception)
        {
            return new SuiteRun.Outcome(result with { Elapsed = Stopwatch.GetElapsedTime(begun), Notes = $"{exception.Message} {exception.RecommendedAction}" }, Metrics: null);
        }
    }
}
