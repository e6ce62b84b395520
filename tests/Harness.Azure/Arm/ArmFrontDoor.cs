using Microsoft.Extensions.Primitives;
using StatefulDeploy.Harness.Azure.Faults;
using StatefulDeploy.Harness.Azure.Identity;
using StatefulDeploy.Harness.Azure.OpenApi;
using StatefulDeploy.Harness.Azure.Resources;

namespace StatefulDeploy.Harness.Azure.Arm;

/// <summary>What every request passes, in Azure's order: token, limits, the published API, rights, scope; then the provider answers.</summary>
internal sealed class ArmFrontDoor(AzureCloud cloud, ArmRoutes routes, OpenApiContract contract, TokenIssuer tokens, Throttle throttle, CallerRights rights, ResourceGroups groups)
{
    private readonly Lock _gate = new();
    private readonly List<Violation> _violations = [];
    private readonly List<Violation> _bugs = [];

    /// <summary>What clients did that the API does not allow.</summary>
    public List<Violation> Violations => Copy(_violations);

    /// <summary>What the simulator answered that the API does not allow.</summary>
    public List<Violation> Bugs => Copy(_bugs);

    public List<Violation> TakeViolations()
    {
        lock (_gate)
        {
            var taken = _violations.ToList();
            _violations.Clear();
            return taken;
        }
    }

    /// <summary>Answers a request.</summary>
    /// <returns>The answer, and the headers of the limits.</returns>
    public async Task<(ArmAnswer Answer, IReadOnlyList<KeyValuePair<string, StringValues>> Limits)> AnswerAsync(ArmCall call)
    {
        IReadOnlyList<KeyValuePair<string, StringValues>> limits = [];
        ArmAnswer answer;
        try
        {
            await GoWrongAsync(call.Request);
            tokens.Check(call.Request);
            limits = throttle.Take(call.Request);
            Hold(call.Request);
            rights.Check(call.Request);
            answer = cloud.Under(() => Answer(call));
        }
        catch (ArmException error)
        {
            answer = ArmAnswer.Of(error);
        }

        // What its own front door refuses, Azure does not count.
        limits = answer.Headers.ContainsKey("x-ms-failure-cause") ? [] : limits;
        Keep(_bugs, call.Request, contract.Check(call.Request, answer));
        return (answer, limits);
    }

    private ArmAnswer Answer(ArmCall call)
    {
        if (!string.Equals(call.Request.Target.Subscription, AzureSimulator.Subscription, StringComparison.OrdinalIgnoreCase))
        {
            throw ArmException.SubscriptionNotFound(call.Request.Target.Subscription ?? string.Empty);
        }

        groups.Check(call.Request);
        return routes.Answer(call);
    }

    private void Hold(ArmRequest request)
    {
        var problems = contract.Check(request);
        Keep(_violations, request, problems);
        if (problems.Count > 0)
        {
            throw new ArmException(400, "InvalidRequestContent", $"The request does not fit the published API: {string.Join("; ", problems)}");
        }
    }

    private async Task GoWrongAsync(ArmRequest request)
    {
        if (cloud.Faults.Take(FaultName.LateAnswer, request) is { } late)
        {
            await Task.Delay(late.For);
        }

        if (cloud.Faults.Take(FaultName.ExpiredToken, request) is not null)
        {
            tokens.ExpireAll();
        }

        if (cloud.Faults.Take(FaultName.ThrottleStorm, request) is { } storm)
        {
            throw Throttle.TooMany("HighCostGet", storm.RetryAfter);
        }

        if (cloud.Faults.Take(FaultName.ServerError, request) is { } broken)
        {
            throw new ArmException(broken.Status, broken.Status == 503 ? "ServiceUnavailable" : "InternalServerError", "The service is unavailable now. Please try again later.");
        }

        if (cloud.Faults.Take(FaultName.Colleague, request) is { Act: { } act })
        {
            await act();
        }
    }

    private void Keep(List<Violation> list, ArmRequest request, IReadOnlyList<string> problems)
    {
        lock (_gate)
        {
            list.AddRange(problems.Select(problem => new Violation($"{request.Method} {request.Path}", problem)));
        }
    }

    private List<Violation> Copy(List<Violation> list)
    {
        lock (_gate)
        {
            return [.. list];
        }
    }
}
