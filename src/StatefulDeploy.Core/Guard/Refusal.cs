using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard;

/// <summary>Why a request is refused.</summary>
internal sealed record Refusal(GuardRule Rule, string ErrorId, string Message, string Action, FailureCategory Category)
{
    public UpgradeException ToException() => new(ErrorId, Message, Action, Category);
}
