using System.Text.Json.Nodes;

namespace StatefulDeploy.Azure.Arm;

/// <summary>An error of Resource Manager or of the provider behind it.</summary>
/// <param name="Code">Azure's own code, such as <c>OperationPreempted</c>.</param>
/// <param name="Message">Azure's own words.</param>
internal sealed record ArmError(string Code, string Message)
{
    /// <summary>The error in an answer, wherever it stands: errors come under HTTP 200 too; null when there is none.</summary>
    public static ArmError? Find(JsonObject? body)
    {
        var error = body?["error"] as JsonObject ?? (body is not null && body.ContainsKey("code") && body.ContainsKey("message") ? body : null);
        if (error?.Text("code") is not { Length: > 0 } code)
            return null;

        // The outer one may only say that a deployment failed; the first detail says why.
        return code is "DeploymentFailed" or "ResourceDeploymentFailure" && error.Objects("details") is [var detail, ..] && detail.Text("code") is { } inner
            ? new ArmError(inner, detail.Text("message") ?? string.Empty)
            : new ArmError(code, error.Text("message") ?? string.Empty);
    }

    /// <summary>Whether it is trouble of Azure's own (HTTP 5xx).</summary>
    public bool OfServer { get; init; }

    /// <summary>Whether it passes, as somebody else's change that came between does: what was asked for can be asked for again, after looking.</summary>
    public bool IsPassing => OfServer || Code is "OperationPreempted" or "AttachDiskWhileBeingDetached" or "ConflictingConcurrentWriteNotAllowed" or "PreconditionFailed"
        or "CanceledAndSupersededDueToAnotherOperation" or "AnotherOperationInProgress" or "RetryableError" or "InternalExecutionError" or "ConflictingServerOperation" or "Http412";
}
