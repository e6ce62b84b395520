using System.Management.Automation;
using StatefulDeploy.Cmdlets.Completers;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Tells everything that an upgrade would do, and what stands against it. Touches nothing.</summary>
[Cmdlet(VerbsCommon.Get, "UpgradePlan", DefaultParameterSetName = ByPath)]
[OutputType(typeof(UpgradePlan))]
public sealed class GetUpgradePlanCommand : ReadCommand
{
    /// <summary>The version of green; what the service file says when left out.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(VersionCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Version { get; set; }

    /// <summary>How green gets blue's data.</summary>
    [Parameter]
    public UpgradeStrategy? Strategy { get; set; }

    /// <summary>How green of each shard gets blue's data, of a service that is upgraded shard by shard.</summary>
    [Parameter]
    public UpgradeStrategy? ShardStrategy { get; set; }

    /// <summary>How many shards are upgraded at the same time.</summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int ThrottleLimit { get; set; }

    /// <summary>Accepts that there may be no way back after the switch.</summary>
    [Parameter]
    public SwitchParameter AllowOneWay { get; set; }

    /// <summary>Accepts that nobody serves while the volume of the only node moves, for as long as the plan says.</summary>
    [Parameter]
    public SwitchParameter AllowOutage { get; set; }

    private protected override UpgradeRequest CreateRequest()
    {
        var request = base.CreateRequest();
        return request with
        {
            TargetVersion = Version ?? request.TargetVersion,
            Strategy = Strategy,
            ShardStrategy = ShardStrategy,
            ThrottleLimit = ThrottleLimit > 0 ? ThrottleLimit : null,
            Consent = request.Consent.And(new UpgradeConsent { AllowOneWay = AllowOneWay, AllowOutage = AllowOutage }),
        };
    }

    private protected override void Read(UpgradeRequest request) =>
        WriteObject(Run((reporter, cancellation) => Operations.PlanAsync(request, reporter, cancellation)));
}
