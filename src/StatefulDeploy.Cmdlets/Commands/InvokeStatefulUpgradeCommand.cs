using System.Management.Automation;
using StatefulDeploy.Cmdlets.Parameters;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Upgrades a live service from beginning to end, with one question at the beginning.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "StatefulUpgrade", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByPath)]
[OutputType(typeof(StatefulCluster))]
public sealed class InvokeStatefulUpgradeCommand : PlannedCommand
{
    /// <summary>After this long with writes closed and nothing decided, blue opens again by itself.</summary>
    [Parameter]
    [Alias("Deadline")]
    [Duration]
    public TimeSpan? WindowDeadline { get; set; }

    /// <summary>No request waits at the router longer than this.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? HoldLimit { get; set; }

    /// <summary>How long green must serve without trouble before blue is retired.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? Soak { get; set; }

    /// <summary>The lag, in bytes of the write stream, under which green counts as caught up.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long? LagGate { get; set; }

    /// <summary>How long catching up may take.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? CatchUpDeadline { get; set; }

    /// <summary>How green of each shard gets blue's data, of a service that is upgraded shard by shard.</summary>
    [Parameter]
    public UpgradeStrategy? ShardStrategy { get; set; }

    /// <summary>How many shards are upgraded at the same time.</summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int ThrottleLimit { get; set; }

    /// <summary>Allows load suites to run on live blue, to record a baseline.</summary>
    [Parameter]
    public SwitchParameter AllowLoadOnBlue { get; set; }

    /// <summary>Why verification is skipped; recorded in the journal and the report.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SkipVerification { get; set; }

    /// <summary>Does not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override UpgradeStretch Stretch => UpgradeStretch.Everything;

    private protected override bool IsForced => Force;

    private protected override string Describe(UpgradeRequest request) =>
        $"Upgrade '{ServiceName}'{ToVersion(request)} from beginning to end: bring up green, replicate, verify, switch traffic, and retire blue after its soak";

    private protected override UpgradeRequest CreateRequest()
    {
        var request = base.CreateRequest();
        return request with
        {
            WindowDeadline = WindowDeadline,
            HoldLimit = HoldLimit,
            Soak = Soak,
            LagGate = LagGate,
            CatchUpDeadline = CatchUpDeadline,
            ShardStrategy = ShardStrategy ?? request.ShardStrategy,
            ThrottleLimit = ThrottleLimit > 0 ? ThrottleLimit : request.ThrottleLimit,
            Consent = request.Consent.And(new UpgradeConsent { AllowLoadOnBlue = AllowLoadOnBlue, SkipVerificationReason = SkipVerification }),
        };
    }

    private protected override UpgradeConsent Grant(UpgradeConsent consent) => consent with { Switch = true };
}
