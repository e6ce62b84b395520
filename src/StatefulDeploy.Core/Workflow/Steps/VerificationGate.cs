using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Verification;

namespace StatefulDeploy.Workflow.Steps;

/// <summary>The gate between green and traffic: suites, then the comparison of all data.</summary>
internal static class VerificationGate
{
    /// <summary>Lets the upgrade pass, or ends it with every failure in the error.</summary>
    /// <exception cref="UpgradeException">A suite or the comparison failed.</exception>
    internal static async Task<IReadOnlyDictionary<string, string>?> PassAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        if (run.Consent.SkipVerificationReason is { } reason)
        {
            run.Tell(ReportLevel.Warning, $"Verification is skipped: {reason}", StepName.Verify);
            return null;
        }

        var suites = await RunSuitesAsync(run, cancellationToken);
        var comparison = await CompareAsync(run, cancellationToken);
        var failures = Failures(suites, comparison).ToList();
        var facts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [FactName.Suites] = ModelJson.Write(suites),
            [FactName.Comparison] = ModelJson.Write(comparison),
        };
        if (failures.Count > 0)
        {
            run.RecordLater(new Journal.JournalEntry { Kind = Journal.JournalKind.Fact, Name = nameof(StepName.Verify), Data = facts });
            throw new UpgradeException("VerificationFailed", $"Green did not pass: {string.Join("; ", failures)}", "Traffic was not touched. Mend green or the suite and run Test-GreenCluster again; -SkipVerification takes a reason and records it.", FailureCategory.Refused) { Target = failures };
        }

        return facts;
    }

    private static Task<IReadOnlyList<SuiteResult>> RunSuitesAsync(UpgradeRun run, CancellationToken cancellationToken) =>
        new VerificationRunner(run.Engine.Copies, run.Engine.Workload).RunAsync(run.Context, run.Service.Suites, run.Consent, cancellationToken);

    private static async Task<ComparisonResult> CompareAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        var options = new ComparisonOptions { CheckpointFile = Path.Combine(run.Store.FilesOf(run.State.UpgradeId), "comparison.json") };
        Directory.CreateDirectory(run.Store.FilesOf(run.State.UpgradeId));
        var result = await run.Engine.Comparer.CompareAsync(run.Context, options, cancellationToken);
        run.Tell(ReportLevel.Information, $"Compared {result.ItemsCompared:N0} item(s) in {result.Elapsed.TotalSeconds:0.0} s: {result.Differences:N0} difference(s).", StepName.Verify);
        return result;
    }

    private static IEnumerable<string> Failures(IReadOnlyList<SuiteResult> suites, ComparisonResult comparison)
    {
        foreach (var suite in suites.Where(suite => !suite.Passed))
        {
            yield return $"suite '{suite.Name}': {suite.Notes}";
        }

        if (!comparison.Passed)
        {
            yield return $"{comparison.Differences:N0} of {comparison.ItemsCompared:N0} item(s) differ, such as {string.Join(", ", comparison.Details.Take(3).Select(detail => $"{detail.Item} ({detail.Kind})"))}";
        }
    }
}
