using System.Text.RegularExpressions;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Azure.Arm;

/// <summary>Says what an error of Azure means, and what to do. Nothing of a request's headers or body is in it.</summary>
internal static partial class ArmFailures
{
    /// <summary>The role that has every action that is needed.</summary>
    private const string Role = "module/azure-role.json has all that are needed";

    private static readonly Dictionary<string, (FailureCategory Category, string Remedy)> Known = new(StringComparer.Ordinal)
    {
        ["SubscriptionNotFound"] = (FailureCategory.NotFound, "Correct azure.subscription, or sign in to the tenant that it belongs to (azure.tenant)."),
        ["InvalidSubscriptionId"] = (FailureCategory.InvalidInput, "Correct azure.subscription."),
        ["InvalidAuthenticationTokenTenant"] = (FailureCategory.AccessDenied, "Name the subscription's own tenant as azure.tenant."),
        ["ResourceGroupNotFound"] = (FailureCategory.NotFound, "Correct azure.resourceGroup."),
        ["ResourceNotFound"] = (FailureCategory.NotFound, "Correct its name in the service file; 'az resource list' shows what there is."),
        ["NotFound"] = (FailureCategory.NotFound, "Correct its name in the service file; 'az resource list' shows what there is."),
        ["QuotaExceeded"] = (FailureCategory.Capacity, "Ask for a higher quota, or use a smaller size; 'az vm list-usage' shows what is left."),
        ["SkuNotAvailable"] = (FailureCategory.Capacity, "Choose another size or zone for green."),
        ["AllocationFailed"] = (FailureCategory.Capacity, "Azure has no room for this size there now: try later, or choose another size or zone."),
        ["ZonalAllocationFailed"] = (FailureCategory.Capacity, "Azure has no room for this size in that zone now: try later, or choose another size or zone."),
        ["OverconstrainedAllocationRequest"] = (FailureCategory.Capacity, "Ease size, zone or proximity, or try later."),
        ["OverconstrainedZonalAllocationRequest"] = (FailureCategory.Capacity, "Ease size, zone or proximity, or try later."),
        ["ConflictingUserInput"] = (FailureCategory.Busy, "See which machine has the disk (Get-ClusterVolume); it is detached there first."),
        ["AttachDiskWhileBeingDetached"] = (FailureCategory.Busy, "The detachment goes on at Azure; do it again when it has ended."),
        ["OperationPreempted"] = (FailureCategory.Busy, "Somebody else changes the same resource; see who, then do it again."),
        ["ConflictingConcurrentWriteNotAllowed"] = (FailureCategory.Busy, "Somebody else changes the same resource; see who, then do it again."),
        ["CanceledAndSupersededDueToAnotherOperation"] = (FailureCategory.Busy, "Somebody else changes the same resource; see who, then do it again."),
        ["PreconditionFailed"] = (FailureCategory.Busy, "Somebody else changed it meanwhile, and nothing of theirs was overwritten; do it again."),
        ["TooManyRequests"] = (FailureCategory.Timeout, "Others use up the subscription's requests: wait some minutes, then do it again."),
        ["ScopeLocked"] = (FailureCategory.AccessDenied, "Remove the lock of the resource or its group, or let its owner do it."),
        ["RequestDisallowedByPolicy"] = (FailureCategory.Refused, "A policy of the subscription forbids it; its owner can say what it allows."),
        ["OperationNotAllowed"] = (FailureCategory.Refused, "See what the message names; sizes bound the number of disks, and subscriptions the number of processors."),
    };

    /// <summary>The failure to tell.</summary>
    public static UpgradeException Explain(ArmError error, int status, string subject)
    {
        var said = error.Message.Length > 0 ? $" {error.Message.Trim()}" : string.Empty;
        if (error.Code is "AuthorizationFailed" or "LinkedAuthorizationFailed")
        {
            var action = ActionPattern().Match(error.Message) is { Success: true } match ? match.Groups["action"].Value : null;
            return new UpgradeException(
                "AzureAuthorizationFailed",
                action is null ? $"{subject}: {error.Code}:{said}" : $"{subject}: the identity lacks the action '{action}'. {error.Code}:{said}",
                $"Give the identity a role with {(action is null ? "the action that the message names" : $"'{action}'")} on that scope; {Role}.",
                FailureCategory.AccessDenied)
            { Target = action ?? subject };
        }

        var (category, remedy) = Known.TryGetValue(error.Code, out var known) ? known : ByStatus(status);
        return new UpgradeException(IdOf(error.Code), $"{subject}: {error.Code}:{said}", remedy, category) { Target = subject };
    }

    private static (FailureCategory Category, string Remedy) ByStatus(int status) => status switch
    {
        401 => (FailureCategory.AccessDenied, "Sign in again (az login), or see that the identity may use this subscription."),
        403 => (FailureCategory.AccessDenied, $"Give the identity the role that it lacks; {Role}."),
        404 => (FailureCategory.NotFound, "Correct its name in the service file; 'az resource list' shows what there is."),
        409 => (FailureCategory.Busy, "See what else is done to the resource (its activity log), then do it again."),
        412 => (FailureCategory.Busy, "Somebody else changed it meanwhile, and nothing of theirs was overwritten; do it again."),
        429 => (FailureCategory.Timeout, "Others use up the subscription's requests: wait some minutes, then do it again."),
        >= 500 => (FailureCategory.Unreachable, "Azure has trouble of its own (status.azure.com): do it again later."),
        _ => (FailureCategory.OperationFailed, "See what Azure's message names (the resource's activity log has more), then do it again."),
    };

    private static string IdOf(string code) => CodePattern().IsMatch(code) ? $"Azure{code}" : "AzureRequestFailed";

    [GeneratedRegex("action(\\(s\\))? '(?<action>[A-Za-z.]+/[A-Za-z/*]+)'", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ActionPattern();

    [GeneratedRegex("^[A-Z][A-Za-z0-9]+$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CodePattern();
}
