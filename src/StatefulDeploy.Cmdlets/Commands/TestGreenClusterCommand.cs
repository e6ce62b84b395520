using System.Management.Automation;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Runs the verification suites and the data comparison against green, before any client is sent there.</summary>
[Cmdlet(VerbsDiagnostic.Test, "GreenCluster", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low, DefaultParameterSetName = ByPath)]
[OutputType(typeof(VerificationReport))]
public sealed class TestGreenClusterCommand : ChangeCommand
{
    /// <summary>Allows load suites to run on live blue, to record a baseline.</summary>
    [Parameter]
    public SwitchParameter AllowLoadOnBlue { get; set; }

    /// <summary>Why verification is skipped; recorded in the journal and the report.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SkipVerification { get; set; }

    private protected override string Describe(UpgradeRequest request) => SkipVerification is null
        ? $"Run the verification suites of '{ServiceName}' against green, and compare its data with blue's"
        : $"Skip the verification of '{ServiceName}' because: {SkipVerification}";

    private protected override UpgradeRequest CreateRequest()
    {
        var request = base.CreateRequest();
        return request with { Consent = request.Consent.And(new UpgradeConsent { AllowLoadOnBlue = AllowLoadOnBlue, SkipVerificationReason = SkipVerification }) };
    }

    private protected override IEnumerable<string> Preview(UpgradePlan plan) => PlanPreview.Of(plan, UpgradeStretch.Verify);

    private protected override void Change(UpgradeRequest request)
    {
        var report = Run((reporter, cancellation) => Operations.TestGreenAsync(request, reporter, cancellation));
        if (!report.Passed)
        {
            throw Failed(GateOf(report), report);
        }

        WriteObject(report with { Cluster = report.Cluster with { Consent = report.Cluster.Consent.And(request.Consent) } });
    }

    private static UpgradeException GateOf(VerificationReport report)
    {
        var failures = report.Suites.Where(suite => !suite.Passed).Select(suite => $"{suite.Name}: {suite.Notes}").ToList();
        if (report.Comparison is { Passed: false } comparison)
        {
            failures.Add($"{comparison.Differences} of {comparison.ItemsCompared} items differ between blue and green");
        }

        return new UpgradeException(
            "VerificationFailed",
            $"Green of '{report.Cluster.Service}' failed its verification, so nothing was switched. {string.Join("; ", failures)}",
            "See the error's TargetObject for each suite. Repair green and run Test-GreenCluster again, or take the upgrade back with Undo-StatefulUpgrade.",
            FailureCategory.Refused)
        { Target = report };
    }
}
