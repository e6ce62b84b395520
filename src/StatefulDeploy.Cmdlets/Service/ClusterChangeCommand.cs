using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Service;

/// <summary>A change that runs a stretch of the workflow and gives the cluster on to the next cmdlet.</summary>
public abstract class ClusterChangeCommand : ChangeCommand
{
    private protected abstract UpgradeStretch Stretch { get; }

    /// <summary>What the operator has consented to by confirming, besides what came down the pipeline.</summary>
    private protected virtual UpgradeConsent Grant(UpgradeConsent consent) => consent;

    private protected override void Change(UpgradeRequest request)
    {
        var consented = request with { Consent = Grant(request.Consent) };
        WriteCluster(Run((reporter, cancellation) => Operations.RunAsync(Stretch, consented, reporter, cancellation)), consented.Consent);
    }

    private protected override IEnumerable<string> Preview(UpgradePlan plan) => PlanPreview.Of(plan, Stretch);

    /// <summary>Writes the result. The consents go on with it, so that nothing asks again inside the window.</summary>
    private protected virtual void WriteCluster(StatefulCluster cluster, UpgradeConsent consent) =>
        WriteObject(cluster with { Consent = cluster.Consent.And(consent) });
}
