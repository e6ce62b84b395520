using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Service;

/// <summary>Consents are only ever added on the way down a pipeline.</summary>
internal static class Consents
{
    public static UpgradeConsent And(this UpgradeConsent one, UpgradeConsent other) => new()
    {
        Switch = one.Switch || other.Switch,
        AllowOneWay = one.AllowOneWay || other.AllowOneWay,
        AllowLoadOnBlue = one.AllowLoadOnBlue || other.AllowLoadOnBlue,
        SkipVerificationReason = other.SkipVerificationReason ?? one.SkipVerificationReason,
    };
}
