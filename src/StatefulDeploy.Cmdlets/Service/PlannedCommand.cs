using System.Management.Automation;
using StatefulDeploy.Cmdlets.Completers;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Service;

/// <summary>A change that begins an upgrade: from a plan, or from a service and a version.</summary>
public abstract class PlannedCommand : ClusterChangeCommand
{
    /// <summary>The parameter set in which a plan is given.</summary>
    internal const string ByPlan = "Plan";

    /// <summary>The plan that is to be carried out: its service, version and strategy.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByPlan)]
    [ValidateNotNull]
    public UpgradePlan? Plan { get; set; }

    /// <summary>The version of green; what the service file says when left out.</summary>
    [Parameter(ParameterSetName = ByPath)]
    [Parameter(ParameterSetName = ByCluster)]
    [ArgumentCompleter(typeof(VersionCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Version { get; set; }

    /// <summary>How green gets blue's data.</summary>
    [Parameter(ParameterSetName = ByPath)]
    [Parameter(ParameterSetName = ByCluster)]
    public UpgradeStrategy? Strategy { get; set; }

    /// <summary>Accepts that there may be no way back after the switch.</summary>
    [Parameter]
    public SwitchParameter AllowOneWay { get; set; }

    /// <summary>Accepts that nobody serves while the volume of the only node moves, for as long as the plan says.</summary>
    [Parameter]
    public SwitchParameter AllowOutage { get; set; }

    private protected override string ServiceName => ParameterSetName == ByPlan ? Plan!.Service : base.ServiceName;

    /// <summary>The version for people: <c> to 8.0</c>, or nothing when the file decides.</summary>
    private protected static string ToVersion(UpgradeRequest request) => request.TargetVersion is null ? "" : $" to {request.TargetVersion}";

    private protected override UpgradeRequest CreateRequest()
    {
        var request = ParameterSetName == ByPlan
            ? new UpgradeRequest { Path = Plan!.Path, TargetVersion = Plan.TargetVersion, Strategy = Plan.Strategy, ShardStrategy = Plan.Shards.Select(shard => (UpgradeStrategy?)shard.Strategy).FirstOrDefault(), ThrottleLimit = Plan.ShardsAtOnce }
            : base.CreateRequest();
        return request with
        {
            TargetVersion = Version ?? request.TargetVersion,
            Strategy = Strategy ?? request.Strategy,
            Consent = request.Consent.And(new UpgradeConsent { AllowOneWay = AllowOneWay, AllowOutage = AllowOutage }),
        };
    }
}
