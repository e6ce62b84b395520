using Azure.Core;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Arm;

/// <summary>Waits for what Azure has begun. Its result counts, not the HTTP status under which it comes.</summary>
internal sealed class ArmOperations(ArmClient client)
{
    /// <summary>Whether a state is an end.</summary>
    public static bool IsFinal(string state) => state is "Succeeded" or "Failed" or "Canceled" or "Cancelled";

    /// <summary>Sends a request and waits for what it begins.</summary>
    /// <exception cref="UpgradeException">It is refused, fails, or has not ended in time; what was begun goes on.</exception>
    public async Task RunAsync(ArmRequest request, string what, TimeSpan patience, CancellationToken cancellationToken)
    {
        var answer = await client.SendAsync(request, cancellationToken);
        answer.Require();
        if (ArmOperation.Of(answer, what, client.Clock.GetUtcNow()) is { } operation && await WaitAsync(operation, patience, cancellationToken) is { } error)
            throw ArmFailures.Explain(error, answer.Status, request.Subject);
    }

    /// <summary>Waits for an operation that was begun here or elsewhere.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="patience">How long from now on.</param>
    /// <param name="cancellationToken">Ends the wait, and not the operation.</param>
    /// <returns>The error with which it ended; null when it succeeded. An operation of which Azure knows nothing any more has ended somehow: the caller looks at the resource in any case.</returns>
    /// <exception cref="UpgradeException">It has not ended in time.</exception>
    public async Task<ArmError?> WaitAsync(ArmOperation operation, TimeSpan patience, CancellationToken cancellationToken)
    {
        var since = client.Clock.GetTimestamp();
        for (var pause = client.Pace.FirstPoll; ; pause = Longer(pause))
        {
            var answer = await client.SendAsync(new ArmRequest(RequestMethod.Get, operation.Address, "GET operation", operation.Subject), cancellationToken);
            if (answer.IsMissing)
                return null;
            if (Judge(operation.Kind, answer) is var (ended, error) && ended)
                return error;

            var wait = answer.RetryAfter ?? pause;
            if (client.Clock.GetElapsedTime(since) + wait > patience)
                throw Late(operation, client.Clock.GetElapsedTime(since));

            await Task.Delay(wait, client.Clock, cancellationToken);
        }
    }

    private TimeSpan Longer(TimeSpan pause) => pause * 1.5 < client.Pace.LongestPoll ? pause * 1.5 : client.Pace.LongestPoll;

    private static (bool Ended, ArmError? Error) Judge(ArmOperationKind kind, ArmAnswer answer)
    {
        var state = kind switch
        {
            ArmOperationKind.Operation => answer.Body.Text("status") ?? string.Empty,
            ArmOperationKind.Resource => answer.Body.Text("properties", "provisioningState") ?? string.Empty,
            _ => answer.Status == 202 ? "InProgress" : "Succeeded",
        };
        return state switch
        {
            "Failed" or "Canceled" or "Cancelled" => (true, answer.Error ?? new ArmError($"Operation{state}", $"Azure says that it is {state}, and not why.")),
            _ when answer.Error is not null => (true, answer.Error),
            _ => (IsFinal(state), null),
        };
    }

    private static UpgradeException Late(ArmOperation operation, TimeSpan waited) => new(
        "AzureOperationPending",
        $"{operation} has not ended after {Quantity.Text(waited)}. It goes on at Azure.",
        "Do the same again: it is found and waited for. The activity log of the resource says more.",
        FailureCategory.Timeout)
    { Target = operation.Subject };
}
