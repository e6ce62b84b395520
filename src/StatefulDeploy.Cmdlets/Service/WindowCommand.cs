using System.Management.Automation;
using StatefulDeploy.Cmdlets.Parameters;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Service;

/// <summary>A change that closes writes: it asks once, and consents to the switch within the window.</summary>
public abstract class WindowCommand : ClusterChangeCommand
{
    /// <summary>After this long with writes closed and nothing decided, the cluster that was live opens again by itself.</summary>
    [Parameter]
    [Alias("Deadline")]
    [Duration]
    public TimeSpan? WindowDeadline { get; set; }

    /// <summary>No request waits at the router longer than this.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? HoldLimit { get; set; }

    /// <summary>Does not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override UpgradeRequest CreateRequest() => base.CreateRequest() with { WindowDeadline = WindowDeadline, HoldLimit = HoldLimit };

    private protected override UpgradeConsent Grant(UpgradeConsent consent) => consent with { Switch = true };
}
