using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Verification;

/// <summary>
/// Runs the user's suites against green, one after another: those that write on a disposable copy, and all where a closed node lets no
/// client in; load suites also against the old version. What fails is a result; only cancelling throws.
/// </summary>
/// <param name="copies">Makes disposable copies; null when the engine cannot.</param>
/// <param name="workload">Replays workloads; null when the engine cannot.</param>
public sealed class VerificationRunner(IDisposableCopy? copies, IWorkload? workload = null)
{
    private static readonly TimeSpan RemoveWithin = TimeSpan.FromMinutes(2);

    /// <summary>What stands against running the suites; asked in preflight, so that it is not found out after hours of copying.</summary>
    public IReadOnlyList<Finding> Inspect(EngineContext context, UpgradeConsent consent)
    {
        var findings = new List<Finding>();
        if (consent.SkipVerificationReason is not null)
            return findings;

        foreach (var suite in context.Service.Suites)
        {
            if (suite.PesterFile is { } file && !File.Exists(file))
                findings.Add(Finding.Refuse("SuiteMissing", suite.Name, $"The Pester file '{file}' does not exist.", "Correct the path in the service file."));
            if (suite.PesterFile is not null && PesterCommand.LookForPwsh() is null)
                findings.Add(Finding.Refuse("PwshMissing", suite.Name, "A Pester suite needs pwsh, and none was found.", "Put pwsh on the PATH, or name it in STATEFULDEPLOY_PWSH."));
            if (suite.Workload is not null && workload is null)
                findings.Add(Finding.Refuse("WorkloadNotSupported", suite.Name, $"The suite is a workload, and {context.Service.Engine} cannot replay one.", "Describe a command that puts the load on the cluster instead."));
            if (suite.Workload?.Scripts.FirstOrDefault(script => !File.Exists(script.Path)) is { } script)
                findings.Add(Finding.Refuse("SuiteMissing", suite.Name, $"The script '{script.Path}' does not exist.", "Correct the path in the service file."));
            if (suite.Writes && copies is null)
                findings.Add(Finding.Refuse("SuiteNeedsCopy", suite.Name, $"The suite writes, and {context.Service.Engine} cannot make a disposable copy for it; green itself must hold blue's data and nothing else.", "Remove the suite or what it writes."));
            if (suite.Kind == SuiteKind.Load && !CanHaveBaseline(context, suite, consent))
                findings.Add(Finding.Refuse("BaselineMissing", suite.Name, $"There is no baseline of the load suite on {context.Source.Version} to compare green with.", BaselineRemedy(context, suite)));
        }

        return findings;
    }

    /// <summary>Runs suites.</summary>
    /// <param name="context">Green is the target.</param>
    /// <param name="suites">What to run.</param>
    /// <param name="consent">Whether load may run on live blue.</param>
    /// <param name="cancellationToken">Ends the suite that runs, and removes its copy.</param>
    /// <returns>One result a suite, in their order.</returns>
    public async Task<IReadOnlyList<SuiteResult>> RunAsync(EngineContext context, IReadOnlyList<SuiteDescription> suites, UpgradeConsent consent, CancellationToken cancellationToken)
    {
        var results = new List<SuiteResult>();
        foreach (var suite in suites)
        {
            context.Reporter.Report(new ReportEvent(ReportLevel.Verbose, $"Running suite '{suite.Name}'.") { Step = "Verify" });
            var result = await RunAsync(context, suite, consent, cancellationToken);
            results.Add(result);
            context.Reporter.Report(new ReportEvent(
                result.Passed ? ReportLevel.Information : ReportLevel.Warning,
                $"Suite '{suite.Name}' {(result.Passed ? "passed" : "failed")}{(result.Tests is { } tests ? $": {tests - result.Failures} of {tests} tests" : string.Empty)}.") { Step = "Verify" });
        }

        return results;
    }

    private async Task<SuiteResult> RunAsync(EngineContext context, SuiteDescription suite, UpgradeConsent consent, CancellationToken cancellationToken)
    {
        var outcome = await RunAsync(context, suite, context.Target, onCopy: suite.Writes || copies is { IsNeededToRead: true }, cancellationToken);
        if (suite.Kind != SuiteKind.Load || !outcome.Result.Passed || outcome.Metrics is not { } metrics)
            return outcome.Result;

        var (baseline, why) = await FindBaselineAsync(context, suite, consent, cancellationToken);
        if (baseline is null)
            return outcome.Result with { Passed = false, Notes = why };

        var judged = LoadGate.Judge(outcome.Result, suite, metrics, baseline);
        return suite.Workload is { } load ? PlanGate.Judge(judged, load, outcome.Plans, baseline.Plans) : judged;
    }

    private async Task<(LoadBaseline? Baseline, string Why)> FindBaselineAsync(EngineContext context, SuiteDescription suite, UpgradeConsent consent, CancellationToken cancellationToken)
    {
        if (LoadBaseline.Find(context.Service.StateDirectory, suite, context.Source.Version) is { } recorded)
            return (recorded, string.Empty);
        if (!CanHaveBaseline(context, suite, consent))
            return (null, $"There is no baseline on {context.Source.Version}. {BaselineRemedy(context, suite)}");

        // A suite that writes never runs on live blue, whatever was consented to.
        var onCopy = copies is not null;
        var outcome = await RunAsync(context, suite, context.Source, onCopy, cancellationToken);
        if (!outcome.Result.Passed || outcome.Metrics is null)
            return (null, $"The baseline on {context.Source.Version} could not be measured: {outcome.Result.Notes}");

        var baseline = new LoadBaseline(suite.Name, context.Source.Version, LoadBaseline.CommandOf(suite), onCopy ? "copy" : "live blue", context.Clock.GetUtcNow(), outcome.Metrics) { Plans = outcome.Plans };
        baseline.Save(context.Service.StateDirectory);
        return (baseline, string.Empty);
    }

    private bool CanHaveBaseline(EngineContext context, SuiteDescription suite, UpgradeConsent consent) =>
        copies is not null || (consent.AllowLoadOnBlue && !suite.Writes) || LoadBaseline.Find(context.Service.StateDirectory, suite, context.Source.Version) is not null;

    private static string BaselineRemedy(EngineContext context, SuiteDescription suite) =>
        $"Allow load on live blue (-AllowLoadOnBlue, --allow-load-on-blue), or put a recorded one into '{LoadBaseline.PathOf(context.Service.StateDirectory, suite.Name)}'.";

    private async Task<SuiteRun.Outcome> RunAsync(EngineContext context, SuiteDescription suite, ClusterLayout cluster, bool onCopy, CancellationToken cancellationToken)
    {
        if (!onCopy)
            return await RunOnAsync(new SuiteTarget(cluster, IsCopy: false), context, suite, cancellationToken);
        if (copies is null)
            return NotRun(suite, $"The suite writes, and {context.Service.Engine} cannot make a disposable copy for it.");

        var name = FileName.Of(suite.Name);
        try
        {
            var copy = await copies.MakeAsync(context, cluster, name, cancellationToken);
            return await RunOnAsync(new SuiteTarget(copy, IsCopy: true), context, suite, cancellationToken);
        }
        catch (UpgradeException exception)
        {
            return NotRun(suite, $"No disposable copy could be made: {exception.Message} {exception.RecommendedAction}");
        }
        finally
        {
            using var bounded = new CancellationTokenSource(RemoveWithin);
            await copies.RemoveAsync(context, cluster, name, bounded.Token);
        }
    }

    private Task<SuiteRun.Outcome> RunOnAsync(SuiteTarget target, EngineContext context, SuiteDescription suite, CancellationToken cancellationToken) =>
        (suite.Workload, workload) switch
        {
            (null, _) => new SuiteRun(context, suite).RunAsync(target, cancellationToken),
            (_, null) => Task.FromResult(NotRun(suite, $"{context.Service.Engine} cannot replay a workload.")),
            (_, { } engine) => new WorkloadSuite(context, suite, engine).RunAsync(target.Layout, cancellationToken),
        };

    private static SuiteRun.Outcome NotRun(SuiteDescription suite, string why) => new(new SuiteResult { Name = suite.Name, Kind = suite.Kind, Notes = why }, Metrics: null);
}
