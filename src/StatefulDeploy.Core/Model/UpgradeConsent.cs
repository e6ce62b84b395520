namespace StatefulDeploy.Model;

/// <summary>Decisions of the operator that an upgrade needs and that are recorded in its journal.</summary>
public sealed record UpgradeConsent
{
    /// <summary>The switch was confirmed.</summary>
    public bool Switch { get; init; }

    /// <summary>No way back after the switch is accepted.</summary>
    public bool AllowOneWay { get; init; }

    /// <summary>An outage as long as the plan says is accepted: the only node gives its volume to its successor while nobody serves.</summary>
    public bool AllowOutage { get; init; }

    /// <summary>Load suites may run on live blue to record a baseline.</summary>
    public bool AllowLoadOnBlue { get; init; }

    /// <summary>Why verification is skipped; null when it is not.</summary>
    public string? SkipVerificationReason { get; init; }

    /// <summary>Both: consent once given stays given, and the later reason replaces the earlier one.</summary>
    public UpgradeConsent And(UpgradeConsent later) => new()
    {
        Switch = Switch || later.Switch,
        AllowOneWay = AllowOneWay || later.AllowOneWay,
        AllowOutage = AllowOutage || later.AllowOutage,
        AllowLoadOnBlue = AllowLoadOnBlue || later.AllowLoadOnBlue,
        SkipVerificationReason = later.SkipVerificationReason ?? SkipVerificationReason,
    };
}
